import assert from 'node:assert/strict'
import { readCommandText, readUnjudgedText } from '@sallyport/bastion/decide/parse'

describe('readCommandText', () => {
  const read = (text: string): ReturnType<typeof readCommandText> =>
    readCommandText(Buffer.from(text, 'utf8'))

  it('returns plain and foreign letters, tabs and newlines', () => {
    for (const text of ['id', 'a\tb\nc', 'grep größe', "ls '日本'", 'echo 👍'])
      assert.deepEqual(read(text), { kind: 'text', text })
  })

  it('refuses every other control, blank and invisible character', () => {
    const controls = Array.from({ length: 0xa1 }, (_, code) => code)
    const refused = controls
      .filter((code) => (code < 0x20 || code > 0x7e) && code !== 9 && code !== 10)
      .concat(0xad, 0x34f, 0x61c, 0x115f, 0x1680, 0x180e, 0x2000, 0x200b, 0x200e, 0x2028, 0x2029)
      .concat(0x202a, 0x202e, 0x202f, 0x205f, 0x2060, 0x2066, 0x2069, 0x3000, 0x3164, 0xfe0f)
      .concat(0xfeff, 0xfffd, 0xe0041, 0xe000, 0xffff)
    for (const code of refused)
      assert.deepEqual(read(`id ${String.fromCodePoint(code)}`), {
        kind: 'bytes',
        reason: `character 4 is U+${code.toString(16).toUpperCase().padStart(4, '0')}`,
      })
  })

  it('refuses bytes that are not UTF-8', () => {
    const broken = [[0xff], [0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0x69, 0xe9, 0x20], [0x80]]
    for (const bytes of broken)
      assert.deepEqual(readCommandText(Buffer.from(bytes)), {
        kind: 'bytes',
        reason: 'not UTF-8',
      })
  })

  it('refuses more than 8 KiB', () => {
    assert.equal(read('x'.repeat(8192)).kind, 'text')
    assert.deepEqual(read('x'.repeat(8193)), { kind: 'bytes', reason: 'longer than 8192 bytes' })
    assert.equal(read('ü'.repeat(4097)).kind, 'bytes')
  })
})

describe('readUnjudgedText', () => {
  it('returns any UTF-8 without NUL', () => {
    const text = 'for f in *; do\r\n echo "$f"\u001b\u202e; done'
    assert.deepEqual(readUnjudgedText(Buffer.from(text, 'utf8')), { kind: 'text', text })
  })

  it('refuses nothing, NUL, other bytes and more than 128 KiB', () => {
    const reasons: readonly (readonly [Buffer, string])[] = [
      [Buffer.alloc(0), 'empty'],
      [Buffer.from('a\0b'), 'a NUL byte'],
      [Buffer.from([0xff]), 'not UTF-8'],
      [Buffer.alloc(128 * 1024 + 1, 'x'), 'longer than 131072 bytes'],
    ]
    for (const [bytes, reason] of reasons)
      assert.deepEqual(readUnjudgedText(bytes), { kind: 'bytes', reason })
  })
})
