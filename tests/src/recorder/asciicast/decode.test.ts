import assert from 'node:assert/strict'
import { decodeCast, encodeEvent, encodeHeader } from '@sallyport/recorder/asciicast'

// The example of the format's own documentation, with its comment and its exit event.
const DOCUMENTED = `{"version": 3, "term": {"cols": 80, "rows": 24, "type": "xterm-256color"}, "timestamp": 1504467315, "title": "Demo", "env": {"TERM": "xterm-256color", "SHELL": "/bin/zsh"}}
# event stream follows the header
[0.248848, "o", "\\u001b[1;31mHello \\u001b[32mWorld!\\u001b[0m\\n"]
[1.001376, "o", "That was ok\\rThis is better."]
[3.500000, "m", ""]
[0.143733, "o", "Now... "]
# terminal window resized to 90 columns and 30 rows
[2.050000, "r", "90x30"]
[1.541828, "o", "Bye!"]
[0.8870, "x", "0"]
`

describe('decodeCast', () => {
  it('reads the example of the format documentation strictly', () => {
    const cast = decodeCast(DOCUMENTED, { strict: true })
    assert.deepEqual(cast.header, {
      version: 3,
      term: { cols: 80, rows: 24, type: 'xterm-256color' },
      timestamp: 1504467315,
      title: 'Demo',
      env: { TERM: 'xterm-256color' },
    })
    assert.deepEqual(
      cast.events.map(({ time, code }) => [time, code]),
      [
        [0.248848, 'o'],
        [1.250224, 'o'],
        [4.750224, 'm'],
        [4.893957, 'o'],
        [6.943957, 'r'],
        [8.485785, 'o'],
        [9.372785, 'x'],
      ],
    )
    assert.equal(cast.torn, undefined)
  })

  it('reports the torn last line at every place where a file can be cut', () => {
    const file = Buffer.from(DOCUMENTED)
    const all = decodeCast(file).events
    for (let length = 0; length <= file.length; length += 1) {
      const part = file.subarray(0, length)
      const cast = decodeCast(part)
      const whole = part.lastIndexOf(0x0a) + 1
      assert.equal(cast.torn?.length ?? 0, length - whole)
      assert.deepEqual(cast.events, all.slice(0, cast.events.length))
      assert.equal(cast.problems.length, whole === 0 ? 1 : 0)
    }
  })

  it('reads the same from chunks of any size', () => {
    const file = Buffer.from(DOCUMENTED.replace('Bye', 'Größe 日本'))
    for (let size = 1; size < 64; size += 1) {
      const chunks = []
      for (let at = 0; at < file.length; at += size) chunks.push(file.subarray(at, at + size))
      assert.deepEqual(decodeCast(chunks), decodeCast(file))
    }
  })

  it('keeps events with unknown codes of one character', () => {
    const cast = decodeCast(`${header()}[0,"é","x"]\n[0,"😀","y"]\n`, { strict: true })
    assert.deepEqual(
      cast.events.map((event) => event.code),
      ['é', '😀'],
    )
  })

  const bad: readonly [line: string, reason: string][] = [
    ['', 'the line is not JSON'],
    ['[0,"o"', 'the line is not JSON'],
    ['{"o":1}', 'the event is not an array of three'],
    ['[0,"o","a",1]', 'the event is not an array of three'],
    ['[-1,"o","a"]', 'the interval is not a number of seconds from 0'],
    ['["0","o","a"]', 'the interval is not a number of seconds from 0'],
    ['[1e999,"o","a"]', 'the interval is not a number of seconds from 0'],
    ['[0,"oo","a"]', 'the code is not one character'],
    ['[0,"","a"]', 'the code is not one character'],
    ['[0,"o",1]', 'the event holds no string'],
    ['[0,"o",null]', 'the event holds no string'],
  ]
  for (const [line, reason] of bad) {
    it(`refuses ${JSON.stringify(line)} when strict, and passes over it otherwise`, () => {
      const text = `${header()}${line}\n[0,"o","after"]\n`
      assert.throws(() => decodeCast(text, { strict: true }), {
        code: 'ERR_RECORDER_CAST_INVALID',
        message: `line 2 of the cast: ${reason}`,
      })
      const cast = decodeCast(text)
      assert.deepEqual(cast.problems, [{ line: 2, reason }])
      assert.equal(cast.events[0]?.text, 'after')
    })
  }

  it('refuses bytes that are not UTF-8', () => {
    const file = Buffer.concat([Buffer.from(header()), Buffer.from('[0,"o","\xff"]\n', 'latin1')])
    assert.deepEqual(decodeCast(file).problems, [{ line: 2, reason: 'the line is not UTF-8' }])
  })

  const headers: readonly [line: string, reason: string][] = [
    ['[]', 'the header is not a JSON object'],
    ['{"version":2,"width":80,"height":24}', 'the version is not 3'],
    ['{"version":3}', 'term.cols and term.rows are not sizes'],
    ['{"version":3,"term":{"cols":0,"rows":24}}', 'term.cols and term.rows are not sizes'],
    ['{"version":3,"term":{"cols":80,"rows":65536}}', 'term.cols and term.rows are not sizes'],
  ]
  for (const [line, reason] of headers) {
    it(`refuses the header ${line}`, () => {
      assert.throws(() => decodeCast(`${line}\n`, { strict: true }), {
        code: 'ERR_RECORDER_CAST_INVALID',
        message: `line 1 of the cast: ${reason}`,
      })
    })
  }

  it('refuses an empty file', () => {
    assert.deepEqual(decodeCast('').problems, [{ line: 1, reason: 'there is no header' }])
  })

  it('reads back what was encoded', () => {
    const text = '"\\\u0000\u001b\u2028\ud83d\ude00'
    const cast = decodeCast(header() + encodeEvent(0.000001, 'o', text), { strict: true })
    assert.deepEqual(cast.events, [{ interval: 0.000001, time: 0.000001, code: 'o', text }])
  })
})

describe('encodeHeader', () => {
  it('clamps the terminal size', () => {
    const line = encodeHeader({ version: 3, term: { cols: 1e6, rows: 0 } })
    assert.deepEqual(decodeCast(line, { strict: true }).header?.term, { cols: 500, rows: 24 })
  })
})

function header(): string {
  return encodeHeader({ version: 3, term: { cols: 80, rows: 24 } })
}
