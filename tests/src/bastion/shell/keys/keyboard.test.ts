import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Keyboard, type Key } from '@sallyport/bastion/shell/keys'

function read(bytes: Uint8Array, pasteCap = 1024): readonly Key[] {
  const keyboard = new Keyboard(pasteCap)
  return [...bytes].flatMap((byte) => keyboard.take(byte))
}

/** Keys in short: text as it is, controls as numbers, the others by their names. */
function keys(text: string): readonly (string | number)[] {
  return read(Buffer.from(text, 'utf8')).map((key) => {
    switch (key.kind) {
      case 'character':
        return key.text
      case 'control':
        return key.code
      case 'named':
        return key.name
      case 'paste':
        return `paste ${key.text ?? 'refused'}`
      case 'malformed':
        return 'malformed'
    }
  })
}

describe('the keyboard', () => {
  it('tells characters, controls and the keys that it knows', () => {
    assert.deepEqual(keys('aé漢😀\x01\x7f\t'), ['a', 'é', '漢', '😀', 1, 127, 9])
    assert.deepEqual(keys('\x1b[A\x1bOB\x1b[C\x1b[D\x1b[H\x1bOF'), [
      'up',
      'down',
      'right',
      'left',
      'home',
      'end',
    ])
    assert.deepEqual(keys('\x1b[1~\x1b[4~\x1b[7~\x1b[8~\x1b[3~'), [
      'home',
      'end',
      'home',
      'end',
      'delete',
    ])
  })

  it('swallows every other sequence whole', () => {
    for (const sequence of [
      '\x1b[15~',
      '\x1b[1;5C',
      '\x1b[[A',
      '\x1b[M !!',
      '\x1b[<0;10;5M',
      '\x1b[?62;4c',
      '\x1b[12;40R',
      '\x1b[99;5u',
      `\x1b[${'1;'.repeat(5000)}m`,
      '\x1bOP',
      '\x1bf',
      '\x1b.',
      '\x1b\x1b[5~',
      '\x1b]0;title\rrm x\n\x07',
      '\x1b]11;rgb:0/0/0\x1b\\',
      `\x1bP1$r${'rm '.repeat(5000)}\x1b\\`,
      '\x1b_x\x1b\\\x1b^y\x1b\\\x1bXz\x1b\\',
      '\x1b[I\x1b[O',
    ])
      assert.deepEqual(keys(`${sequence}x`), ['x'], JSON.stringify(sequence.slice(0, 20)))
  })

  it('lets a control end a sequence, so that an interrupt always counts', () => {
    assert.deepEqual(keys('\x1b\x03'), [3])
    assert.deepEqual(keys('\x1b[1\x03x'), [3, 'x'])
    assert.deepEqual(keys('\x1bO\rx'), [13, 'x'])
    assert.deepEqual(keys('\x1b]0;\x03x'), [3, 'x'])
    assert.deepEqual(keys('\x1bP\x18x'), ['x'])
    assert.deepEqual(keys('\x1b\x1bx'), [])
  })

  it('takes CR LF for one key, and each of them alone for one', () => {
    assert.deepEqual(keys('\r\n\n\r\r\nx\n'), [13, 10, 13, 13, 'x', 10])
  })

  it('tells bytes that are not UTF-8, and loses nothing behind them', () => {
    const malformed = { kind: 'malformed' }
    const x = { kind: 'character', text: 'x' }
    for (const bytes of [[0x80], [0xff], [0xc0], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98]])
      assert.deepEqual(read(Uint8Array.from([...bytes, 0x78])), [malformed, x])
    for (const bytes of [
      [0xe0, 0x80, 0x80],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
    ])
      assert.deepEqual(read(Uint8Array.from([...bytes, 0x78])), [malformed, x])
    assert.deepEqual(keys('\ufeffx'), ['\ufeff', 'x'])
  })

  it('takes a paste as one key, whatever stands in it', () => {
    assert.deepEqual(keys('\x1b[200~a\rb\x03\x1b[A\x1b[201\x1b[201~x'), [
      'paste a\rb\x03\x1b[A\x1b[201',
      'x',
    ])
    assert.deepEqual(keys('\x1b[200~\x1b[201~\x1b[201~x'), ['paste ', 'x'])
    const long = Buffer.from(`\x1b[200~${'a'.repeat(9)}\x1b[201~x`)
    assert.deepEqual(read(long, 9)[0], { kind: 'paste', text: 'a'.repeat(9) })
    assert.deepEqual(read(long, 8), [
      { kind: 'paste', text: undefined },
      { kind: 'character', text: 'x' },
    ])
    const bad = Buffer.concat([Buffer.from('\x1b[200~'), Buffer.of(0xff), Buffer.from('\x1b[201~')])
    assert.deepEqual(read(bad), [{ kind: 'paste', text: undefined }])
  })

  it('reads any text as its characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const plain = text.replaceAll(/\p{Cc}/gu, '')
        assert.equal(keys(plain).join(''), plain)
      }),
    )
  })
})
