import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { verifySignature } from '@sallyport/keys/publickey'
import { createKekFile, kekFromFile, openVault } from '@sallyport/keys/vault'
import type { KeyKind, Vault } from '@sallyport/keys/vault'
import { scratchFolder } from '../durable/scratch-folder.ts'

const now = (): number => 0
const data = Buffer.from('to be signed')

describe('generate', () => {
  const folder = scratchFolder()
  let vault: Vault

  beforeEach(async () => {
    await createKekFile(join(folder(), 'kek'))
    const kek = kekFromFile(join(folder(), 'kek'))
    vault = await openVault({ file: join(folder(), 'vault.json'), kek, now })
  })
  afterEach(async () => vault.close())

  const kinds: readonly (readonly [KeyKind, string, number])[] = [
    [{}, 'ssh-ed25519', 256],
    [{ type: 'ed25519' }, 'ssh-ed25519', 256],
    [{ type: 'ecdsa' }, 'ecdsa-sha2-nistp256', 256],
    [{ type: 'ecdsa', bits: 384 }, 'ecdsa-sha2-nistp384', 384],
    [{ type: 'ecdsa', bits: 521 }, 'ecdsa-sha2-nistp521', 521],
    [{ type: 'rsa' }, 'ssh-rsa', 3072],
    [{ type: 'rsa', bits: 4096 }, 'ssh-rsa', 4096],
  ]
  for (const [kind, type, bits] of kinds) {
    it(`makes a key of ${JSON.stringify(kind)} that signs, and that ssh-keygen measures alike`, async () => {
      const publicKey = await vault.generate('a', { ...kind, comment: 'made' })
      assert.equal(publicKey.type, type)
      const signer = await vault.signer('a')
      const signatureBlob = signer.sign(data)
      signer.close()
      assert.equal(verifySignature({ publicKey, data, signatureBlob }), true)
      const input = `${vault.list()[0]?.publicKeyLine}\n`
      const printed = execFileSync('ssh-keygen', ['-l', '-f', '-'], { input }).toString()
      assert.match(printed, new RegExp(`^${bits} SHA256:\\S+ made \\(`))
    })
  }

  for (const type of ['ed25519', 'ecdsa', 'rsa'] as const) {
    it(`signs with an ${type} key that ssh-keygen made, as ssh-keygen verifies`, async () => {
      const file = join(folder(), 'imported')
      execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', file])
      const publicKey = await vault.import('a', await readFile(file))
      const signer = await vault.signer('a')
      // SSHSIG: what ssh-keygen -Y signs and verifies.
      const header = (...fields: (Buffer | string)[]): Buffer =>
        Buffer.concat(
          fields.flatMap((field) => {
            const length = Buffer.alloc(4)
            length.writeUInt32BE(Buffer.byteLength(field))
            return [length, Buffer.from(field)]
          }),
        )
      const hash = execFileSync('openssl', ['dgst', '-sha512', '-binary'], { input: data })
      const magic = Buffer.from('SSHSIG')
      const signed = Buffer.concat([magic, header('file', '', 'sha512', hash)])
      const signature = signer.sign(signed)
      signer.close()
      const version = Buffer.from([0, 0, 0, 1])
      const rest = header(publicKey.blob, 'file', '', 'sha512', signature)
      const text = Buffer.concat([magic, version, rest]).toString('base64')
      const begin = '-----BEGIN SSH SIGNATURE-----'
      await writeFile(join(folder(), 'sig'), `${begin}\n${text}\n-----END SSH SIGNATURE-----\n`)
      const args = ['-Y', 'check-novalidate', '-n', 'file', '-s', join(folder(), 'sig')]
      const said = execFileSync('ssh-keygen', args, { input: data }).toString()
      assert.match(said, /^Good "file" signature/)
    })
  }

  it('refuses sizes that are weak, odd or unknown', async () => {
    const refused: readonly KeyKind[] = [
      { type: 'rsa', bits: 2048 },
      { type: 'rsa', bits: 3073 },
      { type: 'rsa', bits: 16_384 },
      { type: 'rsa', bits: Number.NaN },
      { type: 'ecdsa', bits: 224 },
      { type: 'ecdsa', bits: 512 },
      { type: 'ed25519', bits: 512 },
    ]
    for (const kind of refused) {
      await assert.rejects(vault.generate('a', kind), TypeError, JSON.stringify(kind))
    }
    assert.equal(vault.generation, 0)
  })

  it('makes a version that is not active yet, of another type than the one before', async () => {
    await vault.generate('a')
    await vault.generate('a', { type: 'ecdsa', activate: false })
    assert.deepEqual(
      vault.versions('a').map(({ type, active }) => ({ type, active })),
      [
        { type: 'ssh-ed25519', active: true },
        { type: 'ecdsa-sha2-nistp256', active: false },
      ],
    )
    const signer = await vault.signer('a', 2)
    assert.equal(signer.publicKey.type, 'ecdsa-sha2-nistp256')
    signer.close()
  })
})
