import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { generateKeyPairSync } from 'node:crypto'
import { authorityKinds, openAuthorities, openAuthority } from '@sallyport/keys/authority'
import type { Authorities, RotatingAuthority, Succession } from '@sallyport/keys/authority'
import { validateCertificate } from '@sallyport/keys/certificate'
import { publicKeyFrom } from '@sallyport/keys/publickey'
import { createScratch } from '../publickey/keygen.ts'

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
  async function within<T>(folder: string, use: (all: Authorities) => Promise<T> | T): Promise<T> {
    const all = await openAuthorities({ folder, now })
    try {
      return await use(all)
    } finally {
      await all.close()
    }
  }
  async function must(outcome: Promise<Succession>): Promise<void> {
    const settled = await outcome
    assert.equal(settled.kind, 'changed', JSON.stringify(settled))
  }
  const states = ({ user }: Authorities): string =>
    user
      .keys()
      .map(({ version, state }) => `${version} ${state}`)
      .join(', ')
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

  it('makes one key of each kind, for its owner alone, and finds them again', async () => {
    const folder = fresh()
    const made = await within(folder, (all) =>
      authorityKinds.map((kind) => all[kind].publicKey.blob),
    )
    assert.equal(new Set(made.map(String)).size, 3)
    for (const name of ['authorities.json', 'user-ca.key', 'host-ca.key', 'upstream-ca.key']) {
      assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name)
    }
    const found = await within(folder, (all) =>
      authorityKinds.map((kind) => all[kind].publicKey.blob),
    )
    assert.deepEqual(found, made)
  })

  it('takes over keys that were made before there was a list of them', async () => {
    const folder = fresh()
    const old = await openAuthority({ file: join(folder, 'user-ca.key'), kind: 'user', now })
    await within(folder, ({ user }) => assert.deepEqual(user.publicKey.blob, old.publicKey.blob))
  })

  it('signs with one key, trusts two and publishes three while keys change', async () => {
    const folder = fresh()
    await within(folder, async ({ user }) => {
      const old = user.publicKey.blob
      await must(user.addNext())
      assert.deepEqual(user.publicKey.blob, old)
      const next = user.next()?.authority.publicKey.blob ?? assert.fail('no next key')
      const [a, b] = [old.toString('base64'), next.toString('base64')]
      assert.deepEqual(blobs(user.trusted()), [a])
      assert.deepEqual(blobs(user.published()), [a, b])

      await must(user.promote([]))
      assert.deepEqual(issue(user).signatureKey.blob, next)
      assert.deepEqual(blobs(user.trusted()), [b, a])
      assert.deepEqual(blobs(user.published()), [b, a])
      assert.equal(user.next(), undefined)

      await must(user.retire(0))
      assert.deepEqual(blobs(user.trusted()), [b])
      assert.deepEqual(blobs(user.published()), [b])
    })
  })

  it('keeps every state over a restart, also of what was verified', async () => {
    const folder = fresh()
    const seen: string[] = []
    const step = (change: (user: RotatingAuthority) => Promise<Succession>) =>
      within(folder, async (all) => {
        await must(change(all.user))
        seen.push(states(all))
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
    await within(folder, (all) => assert.equal(states(all), '1 retired, 2 active'))
  })

  it('removes the key that is retired, at the latest when it is opened again', async () => {
    const folder = fresh()
    const file = join(folder, 'user-ca.key')
    await within(folder, async ({ user }) => {
      await must(user.addNext())
      await must(user.promote([]))
      renameSync(file, join(folder, 'kept'))
      await must(user.retire(0))
    })
    renameSync(join(folder, 'kept'), file)
    await within(folder, () => assert.equal(existsSync(file), false))
  })

  it('accepts what the retiring key has signed until it is retired', async () => {
    const folder = fresh()
    await within(folder, async ({ user }) => {
      const certificate = issue(user)
      await must(user.addNext())
      await must(user.promote([]))
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
      await must(user.retire(3600))
      assert.equal(verdict(), 'rejected')
    })
  })

  it('goes on with a key that a crash left without an entry in the list', async () => {
    const folder = fresh()
    await within(folder, () => {})
    const left = await openAuthority({ file: join(folder, 'user-ca.2.key'), kind: 'user', now })
    await within(folder, async ({ user }) => {
      await must(user.addNext())
      assert.deepEqual(user.next()?.authority.publicKey.blob, left.publicKey.blob)
    })
  })

  it('changes nothing when the change cannot be written', async () => {
    const folder = fresh()
    // It lies where the last generation would be kept, and root cannot unlink it either.
    const obstacle = join(folder, 'authorities.json.previous.new')
    await within(folder, async (all) => {
      await must(all.user.addNext())
      mkdirSync(obstacle)
      await assert.rejects(all.user.promote([]))
      assert.equal(states(all), '1 active, 2 next')
      rmdirSync(obstacle)
      await must(all.user.promote([]))
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
      assert.equal(states(all), '1 active, 2 next')
      assert.equal(all.host.keys().length, 2)
    })
  })

  it('is open once at a time', async () => {
    const folder = fresh()
    await within(folder, async () => {
      await assert.rejects(openAuthorities({ folder, now }), { code: 'ERR_KEYS_FILE_LOCKED' })
    })
    await within(folder, () => {})
  })

  it('opens with no key missing, exchanged, or of another kind', async () => {
    const folder = fresh()
    const file = join(folder, 'upstream-ca.key')
    await within(folder, () => {})
    const kept = readFileSync(file)
    const refuses = (message: string) =>
      assert.rejects(openAuthorities({ folder, now }), { code: 'ERR_KEYS_AUTHORITY_FILE', message })

    rmSync(file)
    await refuses(`authority file ${file} is missing`)
    assert.equal(existsSync(file), false)
    await openAuthority({ file, kind: 'upstream', now })
    await refuses(`authority file ${file} holds another key than authorities.json says`)
    writeFileSync(file, readFileSync(join(folder, 'user-ca.key')))
    await refuses(
      `authority file ${file} holds the user authority, expected the upstream authority`,
    )
    writeFileSync(file, kept)
    await within(folder, () => {})
  })

  it('does not guess which key signs when the list is lost', async () => {
    const folder = fresh()
    await within(folder, ({ host }) => must(host.addNext()))
    rmSync(join(folder, 'authorities.json'))
    const before = readdirSync(folder)
    await assert.rejects(openAuthorities({ folder, now }), {
      code: 'ERR_KEYS_AUTHORITY_FILE',
      message:
        /authorities\.json is missing, but host-ca\.2\.key is there; restore it from a backup$/,
    })
    assert.deepEqual(readdirSync(folder), before)
  })

  it('refuses a list that is not whole, or that says what cannot be', async () => {
    const folder = fresh()
    await within(folder, ({ user }) => must(user.addNext()))
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
      await assert.rejects(openAuthorities({ folder, now }), (error: Error & { code: string }) => {
        assert.equal(error.code, 'ERR_KEYS_FILE_CORRUPT')
        assert.match(error.message, problem)
        return true
      })
    }
    writeFileSync(file, good)
    await within(folder, (all) => assert.equal(states(all), '1 active, 2 next'))
  })
})
