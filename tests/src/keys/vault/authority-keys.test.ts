import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { publicKeyFrom, verifySignature } from '@sallyport/keys/publickey'
import type { Vault } from '@sallyport/keys/vault'
import { vaultIn } from '../authority/vault-in.ts'
import { scratchFolder } from '../durable/scratch-folder.ts'

describe('the keys of authorities in a vault', () => {
  const folder = scratchFolder()
  const file = (): string => join(folder(), 'vault.json')

  async function use<T>(work: (vault: Vault) => Promise<T> | T): Promise<T> {
    const vault = await vaultIn(folder())
    try {
      return await work(vault)
    } finally {
      await vault.close()
    }
  }

  it('sign after a restart as what was given or made', async () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    await use(({ authorityKeys }) =>
      authorityKeys.add([
        { name: 'user', version: 1, key: privateKey },
        { name: 'user', version: 2 },
      ]),
    )
    await use(async ({ authorityKeys, generation }) => {
      assert.equal(generation, 1)
      const data = Buffer.from('x')
      for (const version of [1, 2]) {
        const signer = await authorityKeys.signer('user', version)
        const signatureBlob = signer.sign(data)
        assert.ok(verifySignature({ publicKey: signer.publicKey, data, signatureBlob }))
        if (version === 1) assert.deepEqual(signer.publicKey.blob, publicKeyFrom(privateKey).blob)
        signer.close()
      }
    })
  })

  it('are known by name and version, once each', async () => {
    await use(async ({ authorityKeys }) => {
      await authorityKeys.add([{ name: 'user', version: 1 }])
      const before = authorityKeys.list()
      await assert.rejects(authorityKeys.add([{ name: 'user', version: 1 }]), TypeError)
      assert.deepEqual(authorityKeys.list(), before)
      for (const [name, version] of [
        ['user', 2],
        ['host', 1],
      ] as const) {
        await assert.rejects(authorityKeys.signer(name, version), {
          code: 'ERR_KEYS_VAULT_ABSENT',
          message: `the vault has no version ${version} of the ${name} authority`,
        })
      }
    })
  })

  it('are more than a key for targets has versions, and go when they are to', async () => {
    await use(async (vault) => {
      const { authorityKeys } = vault
      for (let version = 1; version <= 5; version++) {
        await authorityKeys.add([{ name: 'user', version }])
      }
      assert.equal(authorityKeys.list().length, 5)
      const { generation } = vault
      await authorityKeys.remove([{ name: 'host', version: 1 }])
      assert.equal(vault.generation, generation)
      await authorityKeys.remove([1, 2, 3, 4].map((version) => ({ name: 'user', version })))
      await authorityKeys.remove([{ name: 'user', version: 5 }])
      assert.deepEqual(authorityKeys.list(), [])
      assert.equal(vault.generation, generation + 2)
    })
  })

  it('do not open in the place of another: not of another authority, version, or a key for targets', async () => {
    await use(async (vault) => {
      await vault.generate('web')
      await vault.authorityKeys.add([
        { name: 'user', version: 1 },
        { name: 'user', version: 2 },
        { name: 'host', version: 1 },
      ])
    })
    const whole = readFileSync(file(), 'utf8')
    const swaps: readonly (readonly [string, number, string, number])[] = [
      ['authority:user', 0, 'authority:host', 0],
      ['authority:user', 0, 'authority:user', 1],
      ['authority:user', 0, 'web', 0],
    ]
    for (const [one, oneAt, other, otherAt] of swaps) {
      const document = JSON.parse(whole)
      const find = (id: string): { versions: Record<string, unknown>[] } =>
        document.records.find((record: { id: string }) => record.id === id)
      const a = find(one).versions[oneAt] ?? assert.fail()
      const b = find(other).versions[otherAt] ?? assert.fail()
      for (const name of ['wrappedKey', 'body', 'publicKeyLine']) {
        ;[a[name], b[name]] = [b[name], a[name]]
      }
      writeFileSync(file(), JSON.stringify(document))
      await assert.rejects(
        use(() => {}),
        { code: 'ERR_KEYS_VAULT_ALTERED', message: /holds what was sealed as/ },
        `${one} and ${other}`,
      )
    }
  })

  it('are found on the disk, or it is said that something else lies there', async () => {
    await use(async (vault) => {
      await vault.generate('web')
      copyFileSync(file(), join(folder(), 'old'))
      await vault.authorityKeys.add([{ name: 'user', version: 1 }])
      await vault.authorityKeys.assertOnDisk()
      const written = readFileSync(file(), 'utf8')
      const changed = {
        code: 'ERR_KEYS_VAULT_ALTERED',
        message: /^the vault on the disk is not the/,
      }
      copyFileSync(join(folder(), 'old'), file())
      await assert.rejects(vault.authorityKeys.assertOnDisk(), changed)
      writeFileSync(file(), written.replace('"authority:user"', '"authority:host"'))
      await assert.rejects(vault.authorityKeys.assertOnDisk(), changed)
      writeFileSync(file(), written)
      await vault.authorityKeys.assertOnDisk()
    })
  })
})
