import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import {
  parsePublicKeyLine,
  publicKeyFrom,
  signData,
  verifySshsig,
} from '@sallyport/keys/publickey'
import { createWriter } from '@sallyport/keys/wire'
import { createScratch, keygenPair, publicLine, sshKeygen } from './keygen.ts'

const message = Buffer.from('a token')
const namespace = 'exchange@bastion'

describe('verifySshsig', () => {
  const scratch = createScratch()
  after(() => scratch.remove())

  function signed(type: string, bits?: number) {
    const file = keygenPair(scratch.folder, `${type}${bits ?? ''}`, type, bits)
    const path = `${file}.message`
    writeFileSync(path, message)
    sshKeygen(['-q', '-Y', 'sign', '-n', namespace, '-f', file, path])
    const armored = readFileSync(`${path}.sig`, 'utf8')
    return { armored, publicKey: parsePublicKeyLine(publicLine(file)) }
  }

  for (const [type, bits] of [['ed25519'], ['ecdsa', 384], ['rsa', 2048]] as const) {
    it(`takes what ssh-keygen -Y sign makes with ${type}`, () => {
      const { armored, publicKey } = signed(type, bits)
      assert.equal(verifySshsig({ armored, message, namespace, publicKey }), true)
      const other = Buffer.from('b token')
      assert.equal(verifySshsig({ armored, message: other, namespace, publicKey }), false)
      assert.equal(verifySshsig({ armored, message, namespace: 'file', publicKey }), false)
    })
  }

  it('refuses another key, and damage anywhere', () => {
    const { armored, publicKey } = signed('ed25519', 256)
    const { publicKey: other } = signed('ecdsa', 256)
    const verify = (text: string) => verifySshsig({ armored: text, message, namespace, publicKey })
    assert.equal(verifySshsig({ armored, message, namespace, publicKey: other }), false)
    const lines = armored.trimEnd().split('\n')
    const blob = Buffer.from(lines.slice(1, -1).join(''), 'base64')
    const wrap = (bytes: Buffer) =>
      [lines[0], bytes.toString('base64'), lines.at(-1), ''].join('\n')
    assert.equal(verify(wrap(blob)), true)
    for (let length = 0; length < blob.length; length += 1) {
      assert.equal(verify(wrap(blob.subarray(0, length))), false)
    }
    assert.equal(verify(wrap(Buffer.concat([blob, Buffer.of(0)]))), false)
    for (let bit = 0; bit < blob.length * 8; bit += 1) {
      const flipped = Buffer.from(blob)
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      assert.equal(verify(wrap(flipped)), false, `bit ${bit}`)
    }
    for (const text of ['', 'x', armored.replace('BEGIN', 'begin'), armored + armored]) {
      assert.equal(verify(text), false)
    }
  })

  it('refuses a reserved field that is used, another hash or another version, though signed', () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const publicKey = publicKeyFrom(privateKey)
    const verify = (version: number, reserved: string, hash: string) => {
      const digest = createHash(hash).update(message).digest()
      const frame = () => createWriter().raw(Buffer.from('SSHSIG'))
      const common = createWriter().string(namespace).string(reserved).string(hash).bytes()
      const signature = signData(privateKey, frame().raw(common).string(digest).bytes())
      const blob = frame().u32(version).string(publicKey.blob).raw(common).string(signature).bytes()
      const armored = `-----BEGIN SSH SIGNATURE-----\n${blob.toString('base64')}\n-----END SSH SIGNATURE-----\n`
      return verifySshsig({ armored, message, namespace, publicKey })
    }
    assert.equal(verify(1, '', 'sha256'), true)
    assert.equal(verify(1, '', 'sha512'), true)
    assert.equal(verify(1, 'x', 'sha512'), false)
    assert.equal(verify(1, '', 'sha1'), false)
    assert.equal(verify(2, '', 'sha512'), false)
  })

  it('takes an empty namespace for a mistake of the caller', () => {
    const { armored, publicKey } = signed('ecdsa', 521)
    assert.throws(() => verifySshsig({ armored, message, namespace: '', publicKey }), {
      name: 'TypeError',
      message: '"namespace" must not be empty',
    })
  })
})
