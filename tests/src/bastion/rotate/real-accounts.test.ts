import { strict as assert } from 'node:assert'
import { readFile, readlink, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  createRotations,
  rotateKey,
  type KeyOutcome,
  type PlaceAccess,
} from '@sallyport/bastion/rotate'
import { hasEnded, type RotationStore } from '@sallyport/keys/rotation'
import type { Vault } from '@sallyport/keys/vault'
import { run } from '../../support/run.ts'
import {
  folderOf,
  openAccounts,
  programsOf,
  textOf,
  type AccountKind,
  type Accounts,
} from './accounts.ts'

const human = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHZ8BvTr0QyVJ9kQw2mVZr3l6xqv0c6xqv0c6xqv0c6x'
const kinds: readonly AccountKind[] = [
  { name: 'dash', shell: 'dash', text: 'KEY\n' },
  { name: 'bash', shell: 'bash', text: `# by hand\n\n${human} ann\nKEY bastion\n` },
  { name: 'busybox', shell: 'busybox', text: `from="10.1.1.1" ${human} \xe9\nKEY` },
  { name: 'options', shell: 'dash', text: `restrict,pty,from="127.0.0.1" KEY old\n${human}` },
  {
    name: 'second-file',
    shell: 'bash',
    text: `KEY in the second file\r\n${human}\r\n`,
    firstFile: `${human} only people\n`,
  },
  { name: 'linked', shell: 'dash', text: `KEY\n# end`, linked: true },
  { name: 'twice', shell: 'busybox', text: `KEY\ncommand="id",no-pty ${human}\npty KEY again\n` },
  { name: 'sftp-only', shell: undefined, text: `${human}\nKEY\n` },
]

const shells = kinds.filter(({ shell }) => shell !== undefined)

class Crash extends Error {}

/** Returns these parts such that one of their acts is the last. */
function crashing<T extends object>(part: T, names: readonly (keyof T)[], burn: () => void): T {
  const wrapped = names.map((name) => [
    name,
    async (...args: unknown[]) => {
      burn()
      const act: unknown = part[name]
      if (typeof act !== 'function') throw new TypeError('no act')
      const result: unknown = await act.apply(part, args)
      burn()
      return result
    },
  ])
  return Object.assign(Object.create(part), Object.fromEntries(wrapped))
}

async function rotateOnce(accounts: Accounts, key: string, fuse = -1): Promise<KeyOutcome> {
  let left = fuse
  const burn = (): void => {
    if (left === 0) throw new Crash('stopped')
    left -= 1
  }
  const vault: Vault = crashing(accounts.vault, ['activate', 'generate'], burn)
  const store: RotationStore = crashing(accounts.store, ['save'], burn)
  const found = accounts.accounts.find(({ kind }) => kind.name === key)
  const access: PlaceAccess = {
    ...accounts.access,
    connect: async (route, version) => {
      burn()
      const transport = await accounts.access.connect(route, version)
      try {
        burn()
        return transport
      } catch (error) {
        transport.close('the test is stopped here')
        throw error
      }
    },
  }
  const login = found?.sshd.login ?? ''
  return rotateKey(
    { vault, store, access, now: Date.now, report: () => {} },
    { key, places: [{ target: key, login }] },
    { by: 'a test' },
  )
}

describe('rotation at real accounts', function () {
  this.timeout(600_000)
  let accounts: Accounts
  before(async () => {
    accounts = await openAccounts(kinds)
  })
  after(() => accounts.close())

  for (const [index, kind] of kinds.entries())
    it(`${kind.name}: ends with our new key in the place of the old one, wherever it is stopped`, async () => {
      const account = accounts.accounts.find((one) => one.kind === kind)
      assert.ok(account !== undefined)
      const { vault, store, access } = accounts
      const place = { target: kind.name, login: account.sshd.login }
      const rotations = createRotations({ vault, store, access, now: Date.now, report: () => {} })
      const wanted = kind.text
        .replaceAll(/KEY[^\r\n]*/g, 'KEY')
        // What has no line end gets one when a key is added behind it.
        .replace(/KEY$/, 'KEY\n')
      const mode = (await stat(account.file)).mode
      let stops = 0
      // Each shell is stopped at other ones of its steps, so that together they are stopped at all, as the model is alone.
      const stride = kind.shell === undefined ? 3 : shells.length
      for (let fuse = index % stride; ; fuse += stride) {
        const outcome = await rotateOnce(accounts, kind.name, fuse).catch((error: unknown) => {
          if (error instanceof Crash) return undefined
          throw error
        })
        const seen = await rotations.verify({ keys: [kind.name] })
        assert.equal(seen.kind === 'ok' && seen.checks[0]?.result, 'accepted', `stopped at ${fuse}`)
        if (outcome?.kind === 'rotated') break
        assert.equal(outcome, undefined)
        stops += 1
        const begun = store.ofKey(kind.name)
        if (begun !== undefined && !hasEnded(begun))
          assert.equal((await rotateOnce(accounts, kind.name)).kind, 'rotated')
        // Where nothing was changed yet, nothing has a line end either.
        const there: string = (await textOf(account, vault, kind.name)).replace(/KEY$/, 'KEY\n')
        assert.equal(there, wanted, `stopped at ${fuse}`)
      }
      assert.ok(stops * stride > 15, `${stops} stops`)
      assert.equal(await textOf(account, vault, kind.name), wanted)
      assert.equal((await stat(account.file)).mode, mode)
      if (kind.linked === true) assert.match(await readlink(account.file), /real_keys$/)
      assert.equal(store.ofKey(kind.name)?.places[0]?.target, place.target)
    })

  it('looks first, and changes nothing where it cannot be done', async () => {
    const { vault, store, access } = accounts
    const [dash, bash] = accounts.accounts
    assert.ok(dash !== undefined && bash !== undefined)
    const rotations = createRotations({ vault, store, access, now: Date.now, report: () => {} })
    const folder = folderOf(dash)
    const before = await readFile(dash.file)
    const bound = await run('mount', ['--bind', folder, folder])
    assert.equal(bound.status, 0, `this test mounts a folder, as root: ${bound.stderr}`)
    try {
      const locked = await run('mount', ['-o', 'remount,bind,ro', folder])
      assert.equal(locked.status, 0, locked.stderr)
      const plan = await rotations.plan({ keys: ['dash'] })
      assert.ok(plan.kind === 'ok')
      assert.match(
        plan.plans[0]?.places[0]?.problems.join() ?? '',
        /cannot be replaced by this account/,
      )
      const versions = vault.versions('dash').length
      const outcome = await rotateOnce(accounts, 'dash')
      assert.equal(outcome.kind, 'refused')
      assert.equal(vault.versions('dash').length, versions)
    } finally {
      await run('umount', [folder])
    }
    assert.deepEqual(await readFile(dash.file), before)

    const managed = await readFile(bash.file, 'utf8')
    await writeFile(bash.file, `# HEADER: managed by puppet\n${managed}`)
    const plan = await rotations.plan({ keys: ['bash'] })
    assert.ok(plan.kind === 'ok')
    const [place] = plan.plans[0]?.places ?? []
    assert.deepEqual(place?.problems, [])
    assert.deepEqual(place?.found, [bash.file])
    assert.match(place?.warnings.join() ?? '', /may put the old key back/)
    await writeFile(bash.file, managed)
  })

  it('says what else at a target may put the old key back', async () => {
    const { vault, store, access } = accounts
    const rotations = createRotations({ vault, store, access, now: Date.now, report: () => {} })
    // One of each shell, since a script looks.
    for (const key of ['dash', 'bash', 'busybox']) {
      const account = accounts.accounts.find(({ kind }) => kind.name === key)
      assert.ok(account !== undefined)
      const warnings = async (): Promise<readonly string[]> => {
        const plan = await rotations.plan({ keys: [key] })
        assert.ok(plan.kind === 'ok')
        return plan.plans[0]?.places[0]?.warnings ?? []
      }
      assert.deepEqual(await warnings(), [])
      const program = join(programsOf(account), 'waagent')
      await writeFile(program, '#!/bin/sh\n', { mode: 0o755 })
      const expected = [`${program} is there, and may put the old key back if it manages keys`]
      assert.deepEqual(await warnings(), expected)
      await rm(program)
    }
  })

  it('does not take an old key for gone that is let in from elsewhere', async () => {
    const account = accounts.accounts.find(({ kind }) => kind.name === 'second-file')
    assert.ok(account !== undefined)
    const { vault, store } = accounts
    const first = join(folderOf(account), 'first')
    const before = await readFile(first)
    const narrow: Accounts = {
      ...accounts,
      access: {
        ...accounts.access,
        targets: accounts.access.targets.map((target) => ({
          ...target,
          logins: target.logins.map((login) => ({
            ...login,
            rotation: { driver: 'auto', authorizedKeys: [account.file] },
          })),
        })),
      },
    }
    // Something that the bastion was not told of holds the key too.
    await writeFile(first, await readFile(account.file))
    const outcome = await rotateOnce(narrow, 'second-file')
    assert.ok(outcome.kind === 'unfinished')
    assert.match(outcome.problem, /the old key is still accepted/)
    await writeFile(first, before)
    assert.equal((await rotateOnce(narrow, 'second-file')).kind, 'rotated')
    assert.equal(store.ofKey('second-file')?.phase, 'done')
    assert.equal(vault.versions('second-file').length, 3)
  })

  it('goes back to the version before', async () => {
    const { vault, store, access } = accounts
    const rotations = createRotations({ vault, store, access, now: Date.now, report: () => {} })
    const active = vault.list().find(({ id }) => id === 'bash')?.version ?? 0
    const answer = await rotations.rollback('bash', { by: 'a test' })
    assert.ok(answer.kind === 'ok' && answer.outcome.kind === 'rotated')
    assert.equal(vault.list().find(({ id }) => id === 'bash')?.version, active - 1)
    const seen = await rotations.verify({ keys: ['bash'] })
    assert.ok(seen.kind === 'ok' && seen.checks.every(({ result }) => result === 'accepted'))
  })
})
