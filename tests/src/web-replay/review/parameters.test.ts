import assert from 'node:assert/strict'
import { parseChannel, parsePageQuery, parseRecordingId } from '@sallyport/web-replay/review'

describe('parseRecordingId', () => {
  it('takes 8 to 64 safe characters', () => {
    assert.equal(parseRecordingId('01JD-abc_XYZ'), '01JD-abc_XYZ')
    assert.equal(parseRecordingId('a'.repeat(64)), 'a'.repeat(64))
  })

  for (const id of [
    'short',
    'a'.repeat(65),
    '../../etc',
    'abcdefgh/..',
    'abcdefgh\n',
    'abcdefgh\u0000',
    'abcdefg.',
    ['abcdefgh'],
    12345678,
  ]) {
    it(`refuses ${JSON.stringify(id).slice(0, 40)}`, () => {
      assert.equal(parseRecordingId(id), undefined)
    })
  }
})

describe('parseChannel', () => {
  it('takes plain numbers only', () => {
    assert.equal(parseChannel('0'), 0)
    assert.equal(parseChannel('4294'), 4294)
    for (const text of ['', '-1', '01', '1.0', '1e3', ' 1', '0x1', '../0', '99999999999', ['1']]) {
      assert.equal(parseChannel(text), undefined)
    }
  })
})

describe('parsePageQuery', () => {
  it('asks for 50 rows unless told', () => {
    assert.deepEqual(parsePageQuery({}), { kind: 'query', limit: 50 })
    assert.deepEqual(parsePageQuery({ limit: '200', before: '17.abc' }), {
      kind: 'query',
      limit: 200,
      before: '17.abc',
    })
  })

  it('says what is wrong with the rest', () => {
    for (const limit of ['0', '201', '-1', '1.5', 'ten', '', ['1', '2']]) {
      assert.deepEqual(parsePageQuery({ limit }), {
        kind: 'malformed',
        problem: 'limit must be a whole number from 1 to 200.',
      })
    }
    for (const before of ['', 'a b', 'ü', 'a'.repeat(201), ['a']]) {
      assert.deepEqual(parsePageQuery({ before }), {
        kind: 'malformed',
        problem: 'before must be a cursor from an earlier page.',
      })
    }
  })
})
