import assert from 'node:assert/strict'
import fc from 'fast-check'
import { openEmulator } from '../emulator.ts'
import { openRig } from '../rig.ts'

const greeting = 'sallyport: each line is judged before it runs; help says more\r\n'
const prompt = 'deploy@web-1:~$ '
const marker = '@'

/** A key as a terminal sends it. */
const key = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('a', 'b', ' ', '-', '/', 'é', 'ß', '漢', '字', '한') },
  { weight: 2, arbitrary: fc.constantFrom('abcdefghij', '漢字かな漢字', 'x y z ') },
  { weight: 5, arbitrary: fc.constantFrom('\x1b[D', '\x1b[C', '\x02', '\x06', '\x1bOD', '\x1bOC') },
  { weight: 3, arbitrary: fc.constantFrom('\x7f', '\x08', '\x1b[3~', 'z\x04') },
  {
    weight: 3,
    arbitrary: fc.constantFrom('\x01', '\x05', '\x1b[H', '\x1b[F', '\x1b[1~', '\x1b[4~'),
  },
  { weight: 2, arbitrary: fc.constantFrom('\x0b', '\x15', '\x17', '\x19', '\x19\x19') },
  { weight: 1, arbitrary: fc.constantFrom('\x1b[A', '\x1b[B', '\x10', '\x0e', '\x12', '\x0f') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('\x1b[200~p\tq\x1b[201~', '😀', 'א', '\x1b[15~', '\u0301'),
  },
)

describe('what the screen shows', () => {
  it('is the prompt and the very line that is judged, with the cursor where the next key goes', async function () {
    this.timeout(60_000)
    const runs = fc.asyncProperty(
      fc.integer({ min: 6, max: 40 }),
      fc.array(fc.array(key, { minLength: 1, maxLength: 4 }), { maxLength: 24 }),
      async (cols, chunks) => {
        const rig = openRig({ terminal: { type: 'xterm', cols, rows: 50 } })
        const shown = openEmulator(cols, 50)
        rig.type('\x1b[200~ls one\t漢 two\x1b[201~\r')
        for (const chunk of chunks) rig.type(chunk.join(''))
        rig.type(marker)
        await shown.write(rig.seen())
        rig.type('\r')
        const line = rig.judged.at(-1)?.line ?? ''
        assert.ok(line.includes(marker))

        const wanted = openEmulator(cols, 50)
        const first = `${greeting}${prompt}ls one^I漢 two\r\n`
        await wanted.write(first + prompt + visible(line.slice(0, line.indexOf(marker) + 1)))
        const cursor = wanted.cursor()
        await wanted.write(visible(line.slice(line.indexOf(marker) + 1)))
        assert.deepEqual(shown.rows(), wanted.rows(), JSON.stringify(line))
        assert.deepEqual(shown.cursor(), cursor, JSON.stringify(line))
        shown.dispose()
        wanted.dispose()
      },
    )
    await fc.assert(runs, { numRuns: 400 })
  })

  it('stays readable when the size changes in the middle of a line', async () => {
    for (const [from, to] of [
      [20, 33],
      [33, 20],
      [20, 80],
      [9, 10],
    ] as const) {
      const rig = openRig({ terminal: { type: 'xterm', cols: from, rows: 24 } })
      const shown = openEmulator(from, 24)
      rig.type(`ls ${'abcdefghi '.repeat(4)}\x1b[D\x1b[D`)
      await shown.write(rig.seen())
      const soFar = rig.seen().length
      shown.resize(to, 24)
      rig.shell.resize({ cols: to, rows: 24 })
      rig.type(marker)
      await shown.write(rig.seen().slice(soFar))
      const wanted = openEmulator(to, 24)
      await wanted.write(`${prompt}ls ${'abcdefghi '.repeat(3)}abcdefgh@i `)
      const rows = wanted.rows()
      assert.deepEqual(shown.rows().slice(-rows.length), rows, `${from} to ${to}`)
    }
  })

  it('is a part of a line that is taller than the screen, and the line stays whole', async () => {
    const rig = openRig({ terminal: { type: 'xterm', cols: 20, rows: 6 } })
    const shown = openEmulator(20, 6)
    const long = Array.from({ length: 100 }, (_, at) => `w${at}`).join(' ')
    rig.type(`echo ${long}`)
    await shown.write(rig.seen())
    assert.match(shown.rows().slice(-6).join(''), /<.*w98 w99>$/)
    const soFar = rig.seen().length
    rig.type('\x01')
    await shown.write(rig.seen().slice(soFar))
    assert.match(shown.rows().slice(-6).join(''), /<echo w0 w1 .*>$/)
    rig.type('\r')
    assert.equal(rig.judged.at(-1)?.line, `echo ${long}`)
  })
})

function visible(line: string): string {
  return line.replaceAll('\t', '^I').replace(/[\u0301\u05d0]|😀/gu, (one) => {
    const code = one.codePointAt(0) ?? 0
    return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
  })
}
