import { LazyScreen, TerminalScreen } from '@sallyport/recorder/replay'
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { COLS, printed, ROWS, shown } from './terminal.ts'

describe('screen of a terminal', () => {
  const plain = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('line\r\n', 'a longer line that wraps\r\n') },
    { weight: 2, arbitrary: printed },
    fc.constantFrom(
      '\u001b[1;31mred',
      '\u001b[m',
      '\u001b[0mx',
      '\u001b[44m',
      '\r\n\u001b',
      '[',
      '3',
    ),
  )
  const outputs = fc.array(
    fc.array(plain, { maxLength: 30 }).map((parts) => parts.join('')),
    {
      maxLength: 12,
    },
  )

  it('is the same when what has scrolled away was left out', async () => {
    await fc.assert(
      fc.asyncProperty(outputs, outputs, async (first, second) => {
        const [lazy, whole] = [new LazyScreen(), new TerminalScreen()]
        for (const screen of [lazy, whole]) screen.begin({ cols: COLS, rows: ROWS })
        for (const texts of [first, second]) {
          for (const text of texts) {
            for (const screen of [lazy, whole]) screen.take({ at: 0, code: 'o', text, stream: 1 })
          }
          const [seen, expected] = [await lazy.now(), await whole.now()]
          assert.equal(await shown([seen.text, 'p']), await shown([expected.text, 'p']))
        }
      }),
      { numRuns: 300 },
    )
  })

  it('draws on with what was asked for, in however many sequences', async () => {
    const codes = fc.oneof(
      fc.integer({ min: 0, max: 110 }).filter((code) => ![38, 48, 58].includes(code)),
      fc.constantFrom(
        '',
        '38;5;99',
        '48;2;1;2;3',
        '38:2::1:2:3',
        '48:5:7',
        '4:3',
        '58;5;1',
        '38;5',
      ),
    )
    const params = fc.array(codes, { minLength: 1, maxLength: 40 }).map((some) => some.join(';'))
    await fc.assert(
      fc.asyncProperty(fc.array(params, { maxLength: 40 }), async (asked) => {
        const text = asked.map((one) => `\u001b[${one}m`).join('')
        assert.equal(await shown([await seenOf(text), 'x']), await shown([text, 'x']))
      }),
      { numRuns: 200 },
    )
  })

  it('leaves nothing of the background that the other screen was gone to with', async () => {
    const text = '\u001b[44mblue\u001b[?1049h\u001b[m\u001b[2Jplain'
    assert.equal(await shown([await seenOf(text)]), await shown([text]))
  })

  it('survives sequences that ask for billions of everything', async () => {
    const screen = new TerminalScreen()
    screen.begin({ cols: 80, rows: 24 })
    for (const final of 'bSTLMIPX@ABCDEFGHZd`aejkf') {
      const text = `x\u001b[2000000000${final}\u001b[99999999999999999999${final}`
      screen.take({ at: 0, code: 'o', text, stream: 1 })
    }
    screen.take({ at: 0, code: 'o', text: `\u001b]0;${'A'.repeat(3_000_000)}`, stream: 1 })
    screen.take({ at: 0, code: 'o', text: '\u0007\u001bcend', stream: 1 })
    assert.match((await screen.now()).text, /end/)
  })
})

/** The text that draws the screen as it is after `text`. */
async function seenOf(text: string): Promise<string> {
  const screen = new TerminalScreen()
  screen.begin({ cols: COLS, rows: ROWS })
  screen.take({ at: 0, code: 'o', text, stream: 1 })
  return (await screen.now()).text
}
