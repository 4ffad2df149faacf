import assert from 'node:assert/strict'
import fc from 'fast-check'
import { visibleJson, visibleText } from '@sallyport/web-replay/review'

describe('visibleText', () => {
  it('leaves ordinary text of any script alone', () => {
    const text = 'ls -la "Zürich" 東京 🚀 <b>&'
    assert.equal(visibleText(text), text)
  })

  it('shows control characters instead of obeying them', () => {
    assert.equal(visibleText('a\nb\tc\u001b[2J\u007f'), 'a␊b␉c␛[2J␡')
    assert.equal(visibleText('\u0085\u009b'), '<U+0085><U+009B>')
  })

  it('shows bidi, zero-width, tag and filler characters', () => {
    assert.equal(visibleText('\u202egnp\u2066'), '<U+202E>gnp<U+2066>')
    assert.equal(visibleText('r\u200bm\ufeff'), 'r<U+200B>m<U+FEFF>')
    assert.equal(visibleText('\u{e0041}\u3164'), '<U+E0041><U+3164>')
    assert.equal(visibleText('\u2028\u2029\ud800'), '<U+2028><U+2029><U+D800>')
  })

  it('cuts what is too long and says so', () => {
    assert.equal(visibleText('abcdef', 3), 'abc…')
    assert.equal(visibleText('abc', 3), 'abc')
  })

  it('never lets an unseen character through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.doesNotMatch(visibleText(text), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
      }),
    )
  })
})

describe('visibleJson', () => {
  it('cleans strings and names at every level', () => {
    const claims = { 'a\u202e': ['x\n', { b: '\u200b' }], n: 1, t: true, z: null }
    assert.deepEqual(visibleJson(claims), {
      'a<U+202E>': ['x␊', { b: '<U+200B>' }],
      n: 1,
      t: true,
      z: null,
    })
  })

  it('does not follow a value deeper than it says', () => {
    assert.deepEqual(visibleJson({ a: { b: { c: 1 } } }, 2), { a: { b: '…' } })
  })

  it('keeps __proto__ a plain name', () => {
    const value = visibleJson(JSON.parse('{"__proto__":{"polluted":true}}'))
    assert.equal(Object.hasOwn(Object(value), '__proto__'), true)
    assert.equal('polluted' in {}, false)
  })
})
