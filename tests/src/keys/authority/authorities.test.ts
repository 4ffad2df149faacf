import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { generateKeyPairSync } from 'node:crypto'
import { generateIdentity, identityToRecipient } from 'age-encryption'
import { authorityKinds, openAuthorities } from '@sallyport/keys/authority'
import type { Authorities, RotatingAuthority, Succession } from '@sallyport/keys/authority'
import { validateCertificate } from '@sallyport/keys/certificate'
import { publicKeyFrom } from '@sallyport/keys/publickey'
import type { Vault } from '@sallyport/keys/vault'
import { createScratch } from '../publickey/keygen.ts'
import { mustChange, sealedIn, statesOf, withAuthorities, withVault } from './authorities-rig.ts'

const start = Date.UTC(2026, 0, 1)

describe('openAuthorities', () => {
  const scratch = createScratch()
  after(() => scratch.remove())

  let clock = start
  let count = 0
  const now = (): number => clock
  beforeEach(() => {
    clock = start
  })

  function fresh(): string {
    const folder = join(scratch.folder, `authorities-${++count}`)
    mkdirSync(folder)
    return folder
  }
  const within = <T>(
    folder: string,
    use: (all: Authorities, vault: Vault) => Promise<T> | T,
  ): Promise<T> => withAuthorities(folder, now, use)
  const blobs = (keys: ReturnType<RotatingAuthority['trusted']>): readonly string[] =>
    keys.map(({ blob }) => blob.toString('base64'))
  const subject = publicKeyFrom(generateKeyPairSync('ed25519').publicKey)
  const issue = (authority: RotatingAuthority) =>
    authority.issueUserCertificate({
      subject,
      keyId: 'x',
      principals: ['a'],
      validBefore: Math.floor(clock / 1000) + 60,
    })

  it('makes one key of each kind, sealed in the vault, and finds them again', async () => {
    const folder = fresh()
    const made = await within(folder, (all, vault) => {
      assert.equal(sealedIn(vault), 'host 1, upstream 1, user 1')
      return authorityKinds.map((kind) => all[kind].publicKey.blob)
    })
    assert.equal(new Set(made.map(String)).size, 3)
    assert.equal(statSync(join(folder, 'authorities.json')).mode & 0o777, 0o600)
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.includes('ca')),
      [],
    )
    const found = await within(folder, (all) =>
      authorityKinds.map((kind) => all[kind].publicKey.blob),
    )
    assert.deepEqual(found, made)
  })

  it('keeps its keys out of all that is for the keys of targets', async () => {
    await within(fresh(), async (_, vault) => {
      assert.deepEqual(vault.list(), [])
      const absent = {
        code: 'ERR_KEYS_VAULT_ABSENT',
        message: 'the vault has no key "authority:user"',
      }
      const id = 'authority:user'
      await assert.rejects(vault.signer(id), absent)
      await assert.rejects(vault.activate(id, 1), absent)
      assert.throws(() => vault.versions(id), absent)
      const recipients = [await identityToRecipient(await generateIdentity())]
      await assert.rejects(vault.export(id, { recipients, approvedBy: ['Ada', 'Grace'] }), absent)
      await assert.rejects(vault.generate(id), TypeError)
    })
  })

  it('lets go of the private keys when it is closed', async () => {
    const folder = fresh()
    const all = await within(folder, (opened) => opened)
    assert.throws(() => issue(all.user), { code: 'ERR_KEYS_VAULT_CLOSED' })
  })

  it('signs with one key, trusts two and publishes three while keys change', async () => {
    const folder = fresh()
    await within(folder, async ({ user }) => {
      const old = user.publicKey.blob
      await mustChange(user.addNext())
      assert.deepEqual(user.publicKey.blob, old)
      const next = user.next()?.authority.publicKey.blob ?? assert.fail('no next key')
      const [a, b] = [old.toString('base64'), next.toString('base64')]
      assert.deepEqual(blobs(user.trusted()), [a])
      assert.deepEqual(blobs(user.published()), [a, b])

      await mustChange(user.promote([]))
      assert.deepEqual(issue(user).signatureKey.blob, next)
      assert.deepEqual(blobs(user.trusted()), [b, a])
      assert.deepEqual(blobs(user.published()), [b, a])
      assert.equal(user.next(), undefined)

      await mustChange(user.retire(0))
      assert.deepEqual(blobs(user.trusted()), [b])
      assert.deepEqual(blobs(user.published()), [b])
    })
  })

  it('keeps every state over a restart, also of what was verified', async () => {
    const folder = fresh()
    const seen: string[] = []
    const step = (change: (user: RotatingAuthority) => Promise<Succession>) =>
      within(folder, async (all) => {
        await mustChange(change(all.user))
        seen.push(statesOf(all))
      })
    await step((user) => user.addNext())
    await step((user) => user.noteVerified(2, 'a@web'))
    await within(folder, async ({ user }) => {
      assert.deepEqual(user.keys()[1]?.verified, [
        { what: 'a@web', at: new Date(start).toISOString() },
      ])
      const outcome = await user.promote(['b@web'])
      assert.equal(outcome.kind, 'refused')
    })
    await step((user) => user.promote(['a@web']))
    await step((user) => user.rollBack())
    await step((user) => user.promote([]))
    await step((user) => user.retire(0))
    assert.deepEqual(seen, [
      '1 active, 2 next',
      '1 active, 2 next',
      '1 retiring, 2 active',
      '1 active, 2 next',
      '1 retiring, 2 active',
      '1 retired, 2 active',
    ])
    await within(folder, (all) => assert.equal(statesOf(all), '1 retired, 2 active'))
  })

  it('removes the key that is retired, at the latest when it is opened again', async () => {
    const folder = fresh()
    await within(folder, async ({ user }, vault) => {
      await mustChange(user.addNext())
      await mustChange(user.promote([]))
      await mustChange(user.retire(0))
      assert.equal(sealedIn(vault), 'host 1, upstream 1, user 2')
    })
    // As a crash leaves it that came before the key was removed.
    await withVault(folder, ({ authorityKeys }) =>
      authorityKeys.add([{ name: 'user', version: 1 }]),
    )
    await within(folder, (_, vault) => assert.equal(sealedIn(vault), 'host 1, upstream 1, user 2'))
  })

  it('accepts what the retiring key has signed until it is retired', async () => {
    const folder = fresh()
    await within(folder, async ({ user }) => {
      const certificate = issue(user)
      await mustChange(user.addNext())
      await mustChange(user.promote([]))
      const verdict = () =>
        validateCertificate(certificate, {
          authorities: user.trusted(),
          type: 'user',
          principal: 'a',
          now: Math.floor(clock / 1000),
        }).kind
      assert.equal(verdict(), 'valid')
      clock += 3599_000
      assert.equal((await user.retire(3600)).kind, 'refused')
      clock += 1000
      await mustChange(user.retire(3600))
      assert.equal(verdict(), 'rejected')
    })
  })

  it('goes on with a key that a crash left without an entry in the list', async () => {
    const folder = fresh()
    await within(folder, () => {})
    await withVault(folder, ({ authorityKeys }) =>
      authorityKeys.add([{ name: 'user', version: 2 }]),
    )
    await within(folder, async ({ user }, vault) => {
      const left = vault.authorityKeys.list().find(({ version }) => version === 2)
      await mustChange(user.addNext())
      assert.equal(user.keys()[1]?.publicKeyLine, left?.publicKeyLine)
    })
  })

  it('changes nothing when the change cannot be written', async () => {
    const folder = fresh()
    // It lies where the last generation would be kept, and root cannot unlink it either.
    const obstacle = join(folder, 'authorities.json.previous.new')
    await within(folder, async (all) => {
      await mustChange(all.user.addNext())
      mkdirSync(obstacle)
      await assert.rejects(all.user.promote([]))
      assert.equal(statesOf(all), '1 active, 2 next')
      rmdirSync(obstacle)
      await mustChange(all.user.promote([]))
    })
  })

  it('makes one of changes that come at the same time wait for the other', async () => {
    const folder = fresh()
    await within(folder, async (all) => {
      const outcomes = await Promise.all([
        all.user.addNext(),
        all.user.addNext(),
        all.host.addNext(),
      ])
      assert.deepEqual(
        outcomes.map(({ kind }) => kind),
        ['changed', 'refused', 'changed'],
      )
    })
    await within(folder, (all) => {
      assert.equal(statesOf(all), '1 active, 2 next')
      assert.equal(all.host.keys().length, 2)
    })
  })

  it('is open once at a time', async () => {
    const folder = fresh()
    await within(folder, async (_, { authorityKeys: keys }) => {
      await assert.rejects(openAuthorities({ folder, keys, now }), { code: 'ERR_KEYS_FILE_LOCKED' })
    })
    await within(folder, () => {})
  })
})
