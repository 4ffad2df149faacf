import assert from 'node:assert/strict'
import { TextScreen } from '@sallyport/recorder/text'
import xterm from '@xterm/headless'
import fc from 'fast-check'

const ESC = '\u001b'

describe('TextScreen', () => {
  it('tells each line once the cursor leaves it, at the second it was written', () => {
    const lines: string[] = []
    const screen = newScreen((text, time) => lines.push(`${time} ${text}`))
    screen.write('uptime\r\n', 1)
    screen.write('up 3 ', 2)
    screen.write('days\r\n$ ', 4)
    assert.deepEqual(lines, ['1 uptime', '4 up 3 days'])
    screen.end()
    assert.deepEqual(lines, ['1 uptime', '4 up 3 days', '4 $'])
  })

  for (const [name, text, expected] of [
    ['sequences inside a word', `pass${ESC}[31mw${ESC}[0mord${ESC}[K`, ['password']],
    ['a title', `${ESC}]0;not shown\u0007shown`, ['shown']],
    ['a title that ends with ST', `${ESC}]0;not shown${ESC}\\shown`, ['shown']],
    ['a device control string', `${ESC}Pq#0not shown${ESC}\\shown`, ['shown']],
    ['a character set', `${ESC}(Bshown`, ['shown']],
    ['eight-bit controls', 'a\u009b31mb\u009d0;x\u009cc', ['abc']],
    ['a word put together out of order', `${ESC}[1;5Hdef${ESC}[1;2Habc`, [' abcdef']],
    ['what was written over', `secret\rpublic`, ['secret', 'public']],
    ['what closes up', `sexcret${ESC}[1;3H${ESC}[P`, ['sexcret', 'secret']],
    ['what is moved apart', `secret${ESC}[1;4H${ESC}[2@`, ['secret', 'sec  ret']],
    ['what was erased', `secret${ESC}[2K\rpublic`, ['secret', 'public']],
    ['what a cleared screen showed', `secret\r\n${ESC}[2J${ESC}[Hpublic`, ['secret', 'public']],
    ['what the other screen showed', `a${ESC}[?1049h${ESC}[Hb${ESC}[?1049l`, ['a', 'b']],
    ['a word over the edge', 'abcdefghijklmnopqrstuvwxyz', ['abcdefghijklmnopqrstuvwxyz']],
    ['a line longer than the screen', 'x'.repeat(95) + 'end', ['x'.repeat(95) + 'end']],
    ['marks on letters', 'e\u0301te\u0301', ['e\u0301te\u0301']],
    ['tabs', 'a\tb', ['a       b']],
  ] as const) {
    it(`shows through: ${name}`, () => {
      assert.deepEqual(linesOf(text), expected)
      // However it arrives.
      assert.deepEqual(linesOf(...Array.from(text)), expected)
    })
  }

  it('takes a newline alone for a new line where there is no terminal', () => {
    assert.deepEqual(linesOf('a\nb\n'), ['a', ' b'])
    const lines: string[] = []
    const screen = new TextScreen({
      cols: 20,
      rows: 4,
      pty: false,
      line: ({ text }) => lines.push(text),
    })
    screen.write('a\nb\n', 0)
    assert.deepEqual(lines, ['a', 'b'])
  })

  it('goes on after a string that never ends', () => {
    assert.deepEqual(linesOf(`${ESC}]0;${'x'.repeat(70_000)}\r\nshown`).at(-1), 'shown')
  })

  it('keeps its place when its size changes', () => {
    const screen = newScreen(() => {})
    screen.write('one\r\ntwo\r\nthree', 0)
    screen.resize(10, 2)
    assert.deepEqual(screen.shown(), ['two', 'three'])
    screen.write('!', 0)
    screen.resize(30, 4)
    assert.deepEqual(screen.shown(), ['two', 'three!', '', ''])
  })

  it('shows what xterm shows, whatever is written', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(soup, { maxLength: 60 }), async (parts) => {
        const text = parts.join('')
        const screen = newScreen(() => {})
        screen.write(text, 0)
        assert.deepEqual(screen.shown(), await xtermShows(text), JSON.stringify(text))
      }),
      { numRuns: 1500 },
    )
  })

  it('tells everything that xterm shows at the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(soup, { maxLength: 60 }), async (parts) => {
        const text = parts.join('')
        const told = linesOf(text).join('').replaceAll(' ', '')
        for (const row of await xtermShows(text)) {
          for (const word of row.split(' ')) assert.ok(told.includes(word), JSON.stringify(text))
        }
      }),
      { numRuns: 300 },
    )
  })

  it('gives up before hostile output has cost much', () => {
    for (const unit of [
      `a${ESC}[2000000000b`,
      `${ESC}[2000000000L`,
      `${ESC}[2000000000S`,
      `${ESC}[?1049h${ESC}[?1049l`,
    ]) {
      const screen = new TextScreen({ cols: 500, rows: 200, pty: true, line: () => {} })
      screen.write(unit.repeat(Math.ceil(4_000_000 / unit.length)), 0)
      assert.equal(screen.isWorking, false, JSON.stringify(unit))
      screen.end()
    }
  })
})

const soup = fc.oneof(
  fc.stringMatching(/^[a-z ]{1,12}$/),
  // Such as fill a row: the cursor then stands behind the last cell, until it moves.
  fc.stringMatching(/^[a-z]{20}$/),
  fc.constantFrom(
    '\r\n',
    '\n',
    '\r',
    '\b',
    '\t',
    `${ESC}M`,
    `${ESC}D`,
    `${ESC}E`,
    `${ESC}7`,
    `${ESC}8`,
  ),
  fc
    .tuple(
      fc.constantFrom(...Array.from('ABCDEFGHJKLMPXSTd@f')),
      fc.array(fc.integer({ min: 0, max: 25 }), { maxLength: 2 }),
    )
    .filter(([final, numbers]) => final !== 'J' || (numbers[0] ?? 0) < 3)
    // Two of xterm's own: it takes five numbers after T for something else.
    .map(
      ([final, numbers]) =>
        `${ESC}[${numbers.slice(0, final === 'H' || final === 'f' ? 2 : 1).join(';')}${final}`,
    ),
  fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
    .map(([a, b]) => `${ESC}[${a};${b}r`),
  fc.constantFrom(`${ESC}[31m`, `${ESC}]0;title\u0007`, `${ESC}(0${ESC}(B`),
)

function newScreen(line: (text: string, time: number) => void): TextScreen {
  return new TextScreen({
    cols: 20,
    rows: 4,
    pty: true,
    line: ({ text, time }) => line(text, time),
  })
}

function linesOf(...parts: readonly string[]): string[] {
  const lines: string[] = []
  const screen = newScreen((text) => lines.push(text))
  for (const part of parts) screen.write(part, 0)
  screen.end()
  return lines
}

async function xtermShows(text: string): Promise<string[]> {
  const terminal = new xterm.Terminal({ cols: 20, rows: 4, scrollback: 0, allowProposedApi: true })
  await new Promise<void>((resolve) => terminal.write(text, resolve))
  const buffer = terminal.buffer.active
  const rows = Array.from({ length: 4 }, (_, y) => {
    return (
      buffer
        .getLine(buffer.baseY + y)
        ?.translateToString(true)
        .trimEnd() ?? ''
    )
  })
  terminal.dispose()
  return rows
}
