import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import fc from 'fast-check'
import { publicKeyFrom, signData, verifySignature } from '@sallyport/keys/publickey'
import { createReader, createWriter } from '@sallyport/keys/wire'
import { createSecurityKey, privateKeys } from './keygen.ts'
import type { SecurityKey } from './keygen.ts'

const data = Buffer.from('signed data')
const keys = privateKeys()

describe('verifySignature', () => {
  for (const [name, privateKey] of Object.entries(keys)) {
    describe(name, () => {
      const publicKey = publicKeyFrom(privateKey)
      const signatureBlob = signData(privateKey, data)
      const verify = (blob: Uint8Array) => verifySignature({ publicKey, data, signatureBlob: blob })

      it('is true for a signature over the same data by the same key', () => {
        assert.equal(verify(signatureBlob), true)
        const algorithm = createReader(signatureBlob).text()
        assert.equal(verifySignature({ publicKey, data, signatureBlob, algorithm }), true)
      })

      it('is false for other data, another key or another algorithm', () => {
        const other = Buffer.from('Signed data')
        assert.equal(verifySignature({ publicKey, data: other, signatureBlob }), false)
        for (const key of Object.values(keys)) {
          if (key === privateKey) continue
          const wrong = { publicKey: publicKeyFrom(key), data, signatureBlob }
          assert.equal(verifySignature(wrong), false)
        }
        assert.equal(
          verifySignature({ publicKey, data, signatureBlob, algorithm: 'rsa-sha2-256' }),
          false,
        )
      })

      it('is false for each prefix, for trailing bytes and for flipped bits', () => {
        for (let length = 0; length < signatureBlob.length; length += 1) {
          assert.equal(verify(signatureBlob.subarray(0, length)), false, `prefix ${length}`)
        }
        assert.equal(verify(Buffer.concat([signatureBlob, Buffer.of(0)])), false)
        for (let bit = 0; bit < signatureBlob.length * 8; bit += 3) {
          const flipped = Buffer.from(signatureBlob)
          flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
          assert.equal(verify(flipped), false, `bit ${bit}`)
        }
      })

      it('is false, and does not throw, for any bytes after the right name', () => {
        const algorithm = createReader(signatureBlob).text()
        fc.assert(
          fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
            assert.equal(verify(createWriter().string(algorithm).string(bytes).bytes()), false)
            assert.equal(verify(bytes), false)
          }),
          { numRuns: 50 },
        )
      })
    })
  }

  it('refuses SHA-1 from an RSA key, also when the data was signed with it', () => {
    const key = rsaKey()
    const publicKey = publicKeyFrom(key)
    for (const hash of ['sha1', 'sha256', 'sha512']) {
      const raw = sign(hash, data, key)
      const signatureBlob = createWriter().string('ssh-rsa').string(raw).bytes()
      assert.equal(verifySignature({ publicKey, data, signatureBlob }), false)
      assert.equal(verifySignature({ publicKey, data, signatureBlob, algorithm: 'ssh-rsa' }), false)
    }
  })

  it('takes both SHA-2 algorithms of RSA, and holds a signature to the one it names', () => {
    const key = rsaKey()
    const publicKey = publicKeyFrom(key)
    for (const algorithm of ['rsa-sha2-256', 'rsa-sha2-512']) {
      const signatureBlob = signData(key, data, algorithm)
      assert.equal(verifySignature({ publicKey, data, signatureBlob, algorithm }), true)
    }
    const swapped = createWriter()
      .string('rsa-sha2-512')
      .string(sign('sha256', data, key))
      .bytes()
    assert.equal(verifySignature({ publicKey, data, signatureBlob: swapped }), false)
  })

  it('refuses ECDSA halves that are zero, negative, padded or too long', () => {
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const publicKey = publicKeyFrom(key)
    const reader = createReader(createReader(signData(key, data).subarray(4 + 19)).string())
    const r = reader.mpint()
    const s = reader.mpint()
    const blob = (first: Buffer, second: Buffer) =>
      createWriter()
        .string('ecdsa-sha2-nistp256')
        .string(createWriter().string(first).string(second).bytes())
        .bytes()
    const check = (first: Buffer, second: Buffer) =>
      verifySignature({ publicKey, data, signatureBlob: blob(first, second) })
    const shortest = (half: Buffer) => createReader(createWriter().mpint(half).bytes()).string()
    const padded = (half: Buffer) => Buffer.concat([Buffer.of(0, 0), half])
    assert.equal(check(shortest(r), shortest(s)), true)
    assert.equal(check(padded(r), shortest(s)), false)
    assert.equal(check(shortest(r), Buffer.alloc(0)), false)
    assert.equal(check(Buffer.of(0), shortest(s)), false)
    assert.equal(check(Buffer.alloc(33, 0x7f), shortest(s)), false)
    assert.equal(check(Buffer.alloc(32, 0xff), shortest(s)), false)
  })
})

describe('verifySignature for security keys', () => {
  for (const kind of ['ed25519', 'ecdsa'] as const) {
    const key = createSecurityKey(kind)

    it(`takes ${kind} signatures with user presence, whatever the counter`, () => {
      for (const [flags, counter] of [
        [1, 0],
        [5, 0xffff_ffff],
      ] as const) {
        const signatureBlob = securitySign(key, { flags, counter })
        assert.equal(verifySignature({ publicKey: key.publicKey, data, signatureBlob }), true)
      }
    })

    it(`refuses ${kind} signatures without presence, or with flags or counter changed`, () => {
      const verify = (signatureBlob: Buffer) =>
        verifySignature({ publicKey: key.publicKey, data, signatureBlob })
      assert.equal(verify(securitySign(key, { flags: 0, counter: 7 })), false)
      assert.equal(verify(securitySign(key, { flags: 4, counter: 7 })), false)
      const good = securitySign(key, { flags: 1, counter: 7 })
      assert.equal(verify(good), true)
      for (let back = 1; back <= 5; back += 1) {
        const changed = Buffer.from(good)
        changed.writeUInt8(changed.readUInt8(good.length - back) ^ 4, good.length - back)
        assert.equal(verify(changed), false)
      }
      assert.equal(verify(good.subarray(0, -5)), false)
      assert.equal(verify(Buffer.concat([good, Buffer.of(0)])), false)
    })

    it(`refuses ${kind} signatures made for another application`, () => {
      const other = { ...key, application: 'ssh:other' }
      const signatureBlob = securitySign(other, { flags: 1, counter: 1 })
      assert.equal(verifySignature({ publicKey: key.publicKey, data, signatureBlob }), false)
    })
  }

  it('refuses a plain signature by the key inside a security key', () => {
    const { publicKey, privateKey } = createSecurityKey('ed25519')
    const signatureBlob = signData(privateKey, data)
    assert.equal(verifySignature({ publicKey, data, signatureBlob }), false)
  })
})

describe('signData', () => {
  it('refuses an algorithm that belongs to another key', () => {
    const message = (kind: string, name: string) => ({
      code: 'ERR_KEYS_SIGN_ALGORITHM',
      message: `a key of kind ${kind} cannot sign with ${JSON.stringify(name)}`,
    })
    const { privateKey } = generateKeyPairSync('ed25519')
    assert.throws(
      () => signData(privateKey, data, 'rsa-sha2-512'),
      message('ed25519', 'rsa-sha2-512'),
    )
    assert.throws(() => signData(rsaKey(), data, 'ssh-rsa'), message('rsa', 'ssh-rsa'))
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey
    assert.throws(
      () => signData(ec, data, 'ecdsa-sha2-nistp256'),
      message('ec', 'ecdsa-sha2-nistp256'),
    )
    const odd = generateKeyPairSync('ed448').privateKey
    assert.throws(() => signData(odd, data), { code: 'ERR_KEYS_SIGN_ALGORITHM' })
  })

  it('refuses a public key', () => {
    assert.throws(() => signData(generateKeyPairSync('ed25519').publicKey, data), {
      name: 'TypeError',
      message: '"key" must be a private key',
    })
  })
})

function rsaKey() {
  return keys['rsa3072'] ?? assert.fail('no RSA key')
}

function securitySign(key: SecurityKey, { flags, counter }: { flags: number; counter: number }) {
  const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest()
  const tail = createWriter().u8(flags).u32(counter).bytes()
  const signed = Buffer.concat([sha256(key.application), tail, sha256(data)])
  const plain = createReader(signData(key.privateKey, signed))
  plain.text()
  return createWriter().string(key.publicKey.type).string(plain.string()).raw(tail).bytes()
}
