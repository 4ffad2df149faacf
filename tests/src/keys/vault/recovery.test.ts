import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { authorityKinds, openAuthorities } from '@sallyport/keys/authority'
import { createKekFile, kekFromFile, openVault } from '@sallyport/keys/vault'
import type { Vault } from '@sallyport/keys/vault'
import { scratchFolder } from '../durable/scratch-folder.ts'

const now = (): number => 0

describe('the ways back that docs/keys.md names', () => {
  const folder = scratchFolder()
  const at = (name: string): string => join(folder(), name)

  async function use<T>(
    work: (vault: Vault) => Promise<T> | T,
    options: { readonly kek?: string; readonly acceptGeneration?: number } = {},
  ): Promise<T> {
    const { kek = 'kek', ...accepting } = options
    const source = kekFromFile(at(kek))
    const vault = await openVault({ file: at('vault.json'), kek: source, now, ...accepting })
    try {
      return await work(vault)
    } finally {
      await vault.close()
    }
  }
  const withAuthorities = (vault: Vault): Promise<readonly string[]> =>
    openAuthorities({ folder: folder(), keys: vault.authorityKeys, now }).then(async (all) => {
      const keys = authorityKinds.map((kind) => all[kind].publicKey.blob.toString('hex'))
      await all.close()
      return keys
    })
  const ids = (vault: Vault): readonly string[] => vault.list().map(({ id }) => id)

  let authorities: readonly string[]
  beforeEach(async () => {
    await createKekFile(at('kek'))
    authorities = await use(async (vault) => {
      await vault.generate('a')
      const made = await withAuthorities(vault)
      await vault.generate('b')
      return made
    })
  })

  it('a damaged vault: the copy before it is put back and accepted', async () => {
    const whole = readFileSync(at('vault.json'))
    for (const damaged of [Buffer.alloc(0), whole.subarray(0, 500), Buffer.from('{}')]) {
      writeFileSync(at('vault.json'), damaged)
      await assert.rejects(use(ids), {
        code: 'ERR_KEYS_FILE_CORRUPT',
        message: /the generation before it is .*vault\.json\.previous$/,
      })
    }
    copyFileSync(at('vault.json.previous'), at('vault.json'))
    await assert.rejects(use(ids), { message: /run sallyport key accept-generation 2$/ })
    assert.deepEqual(await use(ids, { acceptGeneration: 2 }), ['a'])
    assert.deepEqual(await use(withAuthorities), authorities)
  })

  it('a damaged or missing generation: it is removed, and what is there is accepted', async () => {
    writeFileSync(at('vault.json.generation'), 'x')
    await assert.rejects(use(ids), { code: 'ERR_KEYS_FILE_CORRUPT' })
    rmSync(at('vault.json.generation'))
    await assert.rejects(use(ids), { message: /run sallyport key accept-generation 3$/ })
    assert.deepEqual(await use(ids, { acceptGeneration: 3 }), ['a', 'b'])
    assert.deepEqual(await use(ids), ['a', 'b'])
  })

  it('a KEK that comes back', async () => {
    renameSync(at('kek'), at('offline'))
    await assert.rejects(use(ids), { message: `no KEK file at ${at('kek')}` })
    await createKekFile(at('kek'))
    await assert.rejects(use(ids), { code: 'ERR_KEYS_KEK_WRONG' })
    renameSync(at('offline'), at('kek'))
    assert.deepEqual(await use(ids), ['a', 'b'])
  })

  it('a KEK that does not: the vault and the list of authorities are moved away, and all is new', async () => {
    rmSync(at('kek'))
    await createKekFile(at('kek'))
    for (const name of ['vault.json', 'vault.json.generation']) {
      renameSync(at(name), at(`lost-${name}`))
    }
    await assert.rejects(use(withAuthorities), { code: 'ERR_KEYS_AUTHORITY_FILE' })
    renameSync(at('authorities.json'), at('lost-authorities.json'))
    const made = await use(withAuthorities)
    assert.equal(new Set([...made, ...authorities]).size, 6)
  })

  it('a list of authorities that is lost: a copy of it is put back', async () => {
    copyFileSync(at('authorities.json'), at('copy'))
    await use(async (vault) => {
      const all = await openAuthorities({ folder: folder(), keys: vault.authorityKeys, now })
      await all.user.addNext()
      await all.close()
    })
    rmSync(at('authorities.json'))
    await assert.rejects(use(withAuthorities), { message: /restore it from a backup$/ })
    copyFileSync(at('copy'), at('authorities.json'))
    assert.deepEqual(await use(withAuthorities), authorities)
  })

  it('an old copy of the vault, without the newest key of an authority: the list of that day is put back too', async () => {
    for (const name of ['vault.json', 'authorities.json']) copyFileSync(at(name), at(`old-${name}`))
    await use(async (vault) => {
      const all = await openAuthorities({ folder: folder(), keys: vault.authorityKeys, now })
      await all.user.addNext()
      await all.close()
    })
    copyFileSync(at('old-vault.json'), at('vault.json'))
    await use(() => {}, { acceptGeneration: 3 })
    await assert.rejects(use(withAuthorities), {
      message: /version 2 of the user authority is in authorities\.json, but not in the vault$/,
    })
    copyFileSync(at('old-authorities.json'), at('authorities.json'))
    assert.deepEqual(await use(withAuthorities), authorities)
  })

  it('a rewrap whose last step fails: the vault is sealed with the new KEK, and opens', async () => {
    await createKekFile(at('next'))
    await use(async (vault) => {
      rmSync(at('vault.json.generation'))
      mkdirSync(at('vault.json.generation'))
      await assert.rejects(vault.rewrap(kekFromFile(at('next'))), { code: 'ERR_KEYS_FILE_WRITE' })
      assert.equal(vault.generation, 4)
      rmSync(at('vault.json.generation'), { recursive: true })
      writeFileSync(at('vault.json.generation'), '3\n', { mode: 0o600 })
    })
    assert.deepEqual(await use(ids, { kek: 'next' }), ['a', 'b'])
  })
})
