import { transcript } from '@sallyport/recorder/replay'
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { all, castOf, chunksOf, type Line } from './casts.ts'

async function textsOf(...printed: string[]): Promise<string[]> {
  const cast = castOf(printed.map((text): Line => [1, 'o', text]))
  return (await all(transcript(chunksOf(cast)))).map(({ text }) => text)
}

describe('transcript', () => {
  it('holds lines as they ended up, without colours, at the time they began', async () => {
    const cast = castOf([
      [1, 'o', 'one \u001b[31mred\u001b[0m'],
      [1, 'o', '\r\ntwo\r\n'],
      [1, 'o', '\u001b]0;a title\u0007ten 10%\r'],
      [1, 'o', 'ten 99%\r\nab\bX\u001b[K\tend\r\n'],
    ])
    const lines = await all(transcript(chunksOf(cast)))
    assert.deepEqual(
      lines.map(({ time, text }) => [time, text]),
      [
        [1, 'one red'],
        [2, 'two'],
        [3, 'ten 99%'],
        [4, 'aX      end'],
      ],
    )
  })

  it('tells standard error from standard output, and our words from both', async () => {
    const cast = castOf(
      [
        [0, 'o', 'half'],
        [0, 's', '2'],
        [0, 'o', 'bad\n'],
        [0, 's', '1'],
        [0, 'o', ' whole\n'],
        [0, 'n', '{"kind":"interrupted"}'],
      ],
      { pty: false },
    )
    const lines = await all(transcript(chunksOf(cast)))
    assert.deepEqual(
      lines.map(({ stream, text, isNotice }) => [stream, text, isNotice]),
      [
        [2, 'bad', undefined],
        [1, 'half whole', undefined],
        [1, '[sallyport: the recording has no proper end: it was interrupted]', true],
      ],
    )
  })

  it('keeps what is drawn over, when something is drawn on another line', async () => {
    assert.deepEqual(await textsOf('secret work\u001b[2J\u001b[Hclean\r\n'), [
      'secret work',
      'clean',
    ])
    assert.deepEqual(await textsOf('\u001b[?1049hin vim\u001b[?1049l\r\n'), ['in vim'])
  })

  it('shows what an endless control string would hide', async () => {
    const [line = '', ...rest] = await textsOf(`\u001b]0;${'x'.repeat(65_536)}`, 'visible\r\n')
    assert.match(line, /^x{0,4}visible$/)
    assert.deepEqual(rest, [])
  })

  it('cuts a line that does not end', async () => {
    const lines = await textsOf('y'.repeat(10_000))
    assert.deepEqual(
      lines.map(({ length }) => length),
      [4000, 4000, 2000],
    )
  })

  it('is the same however the output was cut, and holds no control characters', async () => {
    const soup = fc.string({
      unit: fc.constantFrom(
        'a',
        'é',
        '日',
        '\u001b',
        '[',
        '3',
        ';',
        'm',
        'K',
        ']',
        '\\',
        '\u0007',
        '\r',
        '\n',
        '\b',
        '\u009b',
        '\u0018',
        'P',
      ),
      minLength: 1,
      maxLength: 60,
    })
    await fc.assert(
      fc.asyncProperty(soup, fc.nat(59), async (text, cut) => {
        const whole = await textsOf(text)
        assert.deepEqual(await textsOf(text.slice(0, cut), text.slice(cut)), whole)
        assert.equal(/\p{Cc}/u.test(whole.join('')), false)
      }),
      { numRuns: 500 },
    )
  })
})
