import assert from 'node:assert/strict'
import { freshUntil, linesOf, piecesOf } from '@sallyport/web-replay/approvals'
import fc from 'fast-check'

describe('piecesOf', () => {
  it('tells spaces, plain ASCII and everything else apart', () => {
    assert.deepEqual(piecesOf('a  b'), [
      { kind: 'plain', text: 'a' },
      { kind: 'blank', text: '  ' },
      { kind: 'plain', text: 'b' },
    ])
    assert.deepEqual(piecesOf('r\u043c'), [
      { kind: 'plain', text: 'r' },
      { kind: 'odd', text: '\u043c', codes: 'U+043C' },
    ])
    assert.deepEqual(piecesOf('\u202e\n\u00a0'), [
      { kind: 'odd', text: '<U+202E>␊\u00a0', codes: 'U+202E U+000A U+00A0' },
    ])
    assert.deepEqual(piecesOf(''), [])
  })

  it('does not let plain text pass for a mark', () => {
    assert.deepEqual(piecesOf('<U+202E>'), [{ kind: 'plain', text: '<U+202E>' }])
  })

  it('leaves out nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const pieces = piecesOf(text)
        const kept = pieces.filter(({ kind }) => kind !== 'odd').map((each) => each.text)
        assert.equal(kept.join(''), text.replace(/[^\x20-\x7e]/g, ''))
        const odd = text.match(/[^\x20-\x7e]+/gu) ?? []
        assert.equal(pieces.filter(({ kind }) => kind === 'odd').length, odd.length)
      }),
    )
  })

  it('keeps every line, however long or empty', () => {
    const long = 'x'.repeat(100_000)
    assert.equal(linesOf(`a\n\n${long}\n`).length, 4)
    assert.equal(linesOf(long)[0]?.[0]?.text.length, 100_000)
  })
})

describe('freshUntil', () => {
  const minutes = (count: number): number => count * 60_000

  it('counts from when the provider saw the person, if it says so', () => {
    assert.equal(freshUntil({ signedInAt: minutes(100) }), minutes(115))
    assert.equal(freshUntil({ signedInAt: minutes(100), authTime: 60 * 10 }), minutes(25))
    assert.equal(freshUntil({ signedInAt: minutes(100), authTime: 60 * 999 }), minutes(115))
  })
})
