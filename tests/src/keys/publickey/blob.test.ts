import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import {
  fingerprint,
  formatPublicKeyLine,
  parsePublicKey,
  parsePublicKeyLine,
  publicKeyFrom,
} from '@sallyport/keys/publickey'
import { createWriter, KeysError } from '@sallyport/keys/wire'
import { createScratch, createSecurityKey, keygenPair, publicLine, sshKeygen } from './keygen.ts'

const made = [
  ['ed25519', undefined, 'ssh-ed25519'],
  ['ecdsa', 256, 'ecdsa-sha2-nistp256'],
  ['ecdsa', 384, 'ecdsa-sha2-nistp384'],
  ['ecdsa', 521, 'ecdsa-sha2-nistp521'],
  ['rsa', 2048, 'ssh-rsa'],
] as const

describe('parsePublicKey', () => {
  const scratch = createScratch()
  after(() => scratch.remove())

  for (const [type, bits, name] of made) {
    it(`reads ${name} as ssh-keygen writes it, and refuses each prefix of it`, () => {
      const file = keygenPair(scratch.folder, name, type, bits)
      const key = parsePublicKeyLine(publicLine(file))
      assert.equal(key.type, name)
      assert.equal(sshKeygen(['-l', '-f', file]).split(' ')[1], fingerprint(key.blob))
      assert.equal(formatPublicKeyLine(key.blob, `${name} comment`), publicLine(file).trimEnd())
      assert.deepEqual(publicKeyFrom(key.key).blob, key.blob)
      assert.deepEqual(parsePublicKey(key.blob).blob, key.blob)
      for (let length = 0; length < key.blob.length; length += 1) {
        assert.throws(() => parsePublicKey(key.blob.subarray(0, length)), KeysError)
      }
      assert.throws(() => parsePublicKey(Buffer.concat([key.blob, Buffer.of(0)])), {
        code: 'ERR_KEYS_WIRE_TRAILING',
      })
    })
  }

  it('reads security keys with their application, agreeing with ssh-keygen on the fingerprint', () => {
    for (const kind of ['ed25519', 'ecdsa'] as const) {
      const { publicKey } = createSecurityKey(kind, 'ssh:agents')
      assert.equal(publicKey.application, 'ssh:agents')
      const line = formatPublicKeyLine(publicKey.blob)
      assert.equal(sshKeygen(['-l', '-f', '-'], line).split(' ')[1], fingerprint(publicKey.blob))
    }
    assert.throws(() => createSecurityKey('ed25519', ''), {
      code: 'ERR_KEYS_PUBLICKEY_INVALID',
      message: 'application of a security key is empty or longer than 255',
    })
  })

  it('keeps no view of the bytes it was given', () => {
    const { publicKey } = generateKeyPairSync('ed25519')
    const bytes = Buffer.from(publicKeyFrom(publicKey).blob)
    const key = parsePublicKey(bytes)
    bytes.fill(0)
    assert.deepEqual(key.blob, publicKeyFrom(publicKey).blob)
  })

  it('makes the public key of a private one', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const key = publicKeyFrom(privateKey)
    assert.equal(key.key.type, 'public')
    assert.deepEqual(key.blob, publicKeyFrom(publicKey).blob)
  })

  it('refuses RSA keys that are too small, too large or malformed', () => {
    const rsa = (e: Buffer, n: Buffer) => () =>
      parsePublicKey(createWriter().string('ssh-rsa').mpint(e).mpint(n).bytes())
    const code = 'ERR_KEYS_PUBLICKEY_INVALID'
    const e = Buffer.of(1, 0, 1)
    const modulus = (bytes: number) => Buffer.alloc(bytes, 0xff)
    const size = (bits: number) => `an RSA key has 2048 to 8192 bits here, not ${bits}`
    assert.throws(rsa(e, modulus(128)), { code, message: size(1024) })
    assert.throws(rsa(e, Buffer.concat([Buffer.of(0x7f), modulus(255)])), {
      code,
      message: size(2047),
    })
    assert.throws(rsa(e, modulus(1025)), { code, message: size(8200) })
    assert.throws(rsa(e, Buffer.concat([modulus(255), Buffer.of(0xfe)])), {
      code,
      message: 'RSA modulus is even',
    })
    const exponent = { code, message: 'RSA exponent is not an odd number of 2 to 64 bits' }
    assert.throws(rsa(Buffer.of(1), modulus(256)), exponent)
    assert.throws(rsa(Buffer.of(4), modulus(256)), exponent)
    assert.throws(rsa(Buffer.alloc(9, 0xff), modulus(256)), exponent)
    assert.equal(rsa(e, modulus(256))().type, 'ssh-rsa')
  })

  it('refuses points that are compressed, off the curve or named after another curve', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const point = publicKeyFrom(publicKey).blob.subarray(-65)
    const ecdsa = (name: string, q: Buffer) => () =>
      parsePublicKey(createWriter().string('ecdsa-sha2-nistp256').string(name).string(q).bytes())
    const code = 'ERR_KEYS_PUBLICKEY_INVALID'
    const off = Buffer.from(point)
    off.writeUInt8(off.readUInt8(64) ^ 1, 64)
    assert.throws(ecdsa('nistp256', off), { code, message: 'not a valid EC key' })
    assert.throws(ecdsa('nistp256', Buffer.concat([Buffer.of(2), point.subarray(1, 33)])), {
      code,
      message: 'not an uncompressed nistp256 point',
    })
    const hybrid = Buffer.from(point)
    hybrid.writeUInt8(6 + (point.readUInt8(64) & 1))
    assert.throws(ecdsa('nistp256', hybrid), {
      code,
      message: 'not an uncompressed nistp256 point',
    })
    assert.throws(ecdsa('nistp384', point), {
      code,
      message: 'curve is nistp384, expected nistp256',
    })
    assert.throws(ecdsa('nistp256', Buffer.of(0)), { code })
  })

  it('refuses types that are not accepted, with a name that is safe to print', () => {
    const code = 'ERR_KEYS_PUBLICKEY_TYPE'
    const blob = (type: string) => createWriter().string(type).string('x').bytes()
    assert.throws(() => parsePublicKey(blob('ssh-dss')), {
      code,
      message: 'public key type "ssh-dss" is not accepted',
    })
    assert.throws(() => parsePublicKey(blob('\u001b[2J"')), {
      code,
      message: String.raw`public key type "?[2J\"" is not accepted`,
    })
    assert.throws(() => parsePublicKey(blob('ssh-ed25519-cert-v01@openssh.com')), {
      code,
      message: 'expected a plain public key, found "ssh-ed25519-cert-v01@openssh.com"',
    })
    assert.throws(() => publicKeyFrom(generateKeyPairSync('ed448').publicKey), {
      code,
      message: 'no public key type for a key of kind ed448',
    })
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
    assert.throws(() => publicKeyFrom(publicKey), {
      code,
      message: 'no public key type for a key of kind secp256k1',
    })
  })

  it('throws nothing but KeysError whatever the fields are', () => {
    const types = made.map(([, , name]) => name)
    const fields = fc.array(fc.uint8Array({ maxLength: 70 }), { maxLength: 4 })
    fc.assert(
      fc.property(fc.constantFrom(...types), fields, (type, strings) => {
        const writer = createWriter().string(type)
        for (const bytes of strings) writer.string(bytes)
        try {
          parsePublicKey(writer.bytes())
        } catch (error) {
          assert.ok(error instanceof KeysError, String(error))
        }
      }),
    )
  })
})
