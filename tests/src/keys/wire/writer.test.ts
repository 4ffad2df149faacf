import assert from 'node:assert/strict'
import { createWriter } from '@sallyport/keys/wire'

describe('createWriter', () => {
  it('writes mpints in their shortest form, as RFC 4251 section 5 shows them', () => {
    const mpint = (hex: string) =>
      createWriter().mpint(Buffer.from(hex, 'hex')).bytes().toString('hex')
    assert.equal(mpint(''), '00000000')
    assert.equal(mpint('0000'), '00000000')
    assert.equal(mpint('80'), '000000020080')
    assert.equal(mpint('000080'), '000000020080')
    assert.equal(mpint('09a378f9b2e332a7'), '0000000809a378f9b2e332a7')
  })

  it('throws for numbers that do not fit instead of cutting them', () => {
    assert.throws(() => createWriter().u8(256), RangeError)
    assert.throws(() => createWriter().u32(2 ** 32), RangeError)
    assert.throws(() => createWriter().u32(-1), RangeError)
    assert.throws(() => createWriter().u64(2n ** 64n), RangeError)
  })

  it('writes text as UTF-8 and counts bytes, not characters', () => {
    assert.equal(createWriter().string('é').bytes().toString('hex'), '00000002c3a9')
  })
})
