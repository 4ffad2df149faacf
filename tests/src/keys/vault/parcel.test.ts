import assert from 'node:assert/strict'
import { createParcelReceiver, packParcel } from '@sallyport/keys/vault'

describe('a parcel', () => {
  const text = Buffer.from('a private key file')

  it('is opened by its receiver, for its id', () => {
    const receiver = createParcelReceiver()
    const parcel = packParcel(text, 'web', receiver.to)
    assert.deepEqual(receiver.open(parcel, 'web'), text)
    assert.equal(receiver.open(parcel, 'other'), undefined)
    assert.equal(createParcelReceiver().open(parcel, 'web'), undefined)
  })

  it('shows nothing of what is in it, and is another one each time', () => {
    const { to } = createParcelReceiver()
    const [one, other] = [packParcel(text, 'web', to), packParcel(text, 'web', to)]
    assert.notEqual(one.from, other.from)
    assert.notEqual(one.ciphertext, other.ciphertext)
    assert.equal(Buffer.from(one.ciphertext, 'base64').includes('private'), false)
  })

  it('is not opened when any part of it was altered', () => {
    const receiver = createParcelReceiver()
    const parcel = packParcel(text, 'web', receiver.to)
    for (const name of ['from', 'iv', 'ciphertext', 'tag'] as const) {
      for (const changed of ['', 'A'.repeat(43), `${parcel[name].slice(0, -4)}AAAA`, '=!']) {
        assert.equal(receiver.open({ ...parcel, [name]: changed }, 'web'), undefined, name)
      }
    }
  })

  it('is made for a public key, and not for one with which all agree', () => {
    for (const to of ['', 'x', 'A'.repeat(44)])
      assert.throws(() => packParcel(text, 'a', to), TypeError)
    // RFC 7748, section 6.1: the point 0 makes every secret 0.
    assert.throws(() => packParcel(text, 'a', 'A'.repeat(43)))
  })
})
