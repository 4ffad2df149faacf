import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openAuthorities } from '@sallyport/keys/authority'
import type { Authorities } from '@sallyport/keys/authority'
import { scratchFolder } from '../durable/scratch-folder.ts'
import { mustChange, sealedIn, statesOf, withAuthorities, withVault } from './authorities-rig.ts'

describe('openAuthorities, of what does not fit', () => {
  const newFolder = scratchFolder()
  const now = (): number => 0
  const within = <T>(folder: string, use: (all: Authorities) => Promise<T> | T): Promise<T> =>
    withAuthorities(folder, now, use)
  const refuses = (folder: string, message: string | RegExp) =>
    withVault(folder, async ({ authorityKeys: keys }) => {
      await assert.rejects(openAuthorities({ folder, keys, now }), {
        code: 'ERR_KEYS_AUTHORITY_FILE',
        message,
      })
    })

  it('opens with no key missing or exchanged', async () => {
    const folder = newFolder()
    await within(folder, () => {})
    const key = { name: 'upstream', version: 1 }
    await withVault(folder, ({ authorityKeys }) => authorityKeys.remove([key]))
    const version = 'version 1 of the upstream authority'
    await refuses(folder, `${folder}: ${version} is in authorities.json, but not in the vault`)
    await withVault(folder, ({ authorityKeys }) => authorityKeys.add([key]))
    const another = `the vault holds another key for ${version} than authorities.json says`
    await refuses(folder, `${folder}: ${another}`)
  })

  it('makes no new keys in the place of those that a lost vault took with it', async () => {
    const folder = newFolder()
    await within(folder, () => {})
    for (const name of ['vault.json', 'vault.json.generation']) rmSync(join(folder, name))
    const version = 'version 1 of the user authority'
    await refuses(folder, `${folder}: ${version} is in authorities.json, but not in the vault`)
    await withVault(folder, async (vault) => assert.equal(sealedIn(vault), ''))
  })

  it('does not guess which key signs when the list is lost', async () => {
    const folder = newFolder()
    await within(folder, ({ host }) => mustChange(host.addNext()))
    rmSync(join(folder, 'authorities.json'))
    await refuses(
      folder,
      /authorities\.json is missing, but version 2 of the host authority is there; restore it/,
    )
    assert.equal(existsSync(join(folder, 'authorities.json')), false)
  })

  it('refuses a list that is not whole, or that says what cannot be', async () => {
    const folder = newFolder()
    await within(folder, ({ user }) => mustChange(user.addNext()))
    const file = join(folder, 'authorities.json')
    const good = readFileSync(file, 'utf8')
    for (const [from, to, problem] of [
      ['"state": "next"', '"state": "active"', /has 2 active keys at user/],
      ['"state": "active"', '"state": "next"', /has 0 active keys at user/],
      ['"state": "active"', '"state": "fine"', /has an unknown state at user\.0/],
      ['"version": 2', '"version": 1', /has a version twice at user/],
      ['"version": 2', '"version": 1.5', /has a malformed version at user\.1/],
      ['"since"', '"until"', /has an unknown member at user\.0: until/],
      ['sallyport-authorities/1', 'sallyport-authorities/2', /is not a list of authorities/],
      ['"publicKeyLine": "ssh-ed25519 ', '"publicKeyLine": "ssh-rsa ', /line says ssh-rsa/],
      ['"host": [', '"hosts": [', /has an unknown member at authorities: hosts/],
      [/"since": "[^"]*"/, '"since": "soon"', /has no time at user\.0\.since/],
    ] as const) {
      const bad = good.replace(from, to)
      assert.notEqual(bad, good)
      writeFileSync(file, bad)
      await assert.rejects(
        within(folder, () => {}),
        (error: Error & { code: string }) => {
          assert.equal(error.code, 'ERR_KEYS_FILE_CORRUPT')
          assert.match(error.message, problem)
          return true
        },
      )
    }
    writeFileSync(file, good)
    await within(folder, (all) => assert.equal(statesOf(all), '1 active, 2 next'))
  })
})
