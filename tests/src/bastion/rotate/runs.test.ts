import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRotationDesk, createRotations, type Rotations } from '@sallyport/bastion/rotate'
import { UpstreamError } from '@sallyport/bastion/route'
import { openRotationStore } from '@sallyport/keys/rotation'

describe('runs', () => {
  let folder: string
  let rotations: Rotations
  const entry = { id: 'k', version: 1, active: true, publicKeyLine: 'ssh-ed25519 AAAA' }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-runs-'))
    const store = await openRotationStore({ file: join(folder, 'rotations.json'), now: Date.now })
    const logins = [{ login: 'deploy', key: 'k' }]
    const target = { name: 'web', address: '127.0.0.1', port: 22, labels: {}, logins }
    rotations = createRotations({
      vault: { list: () => [entry], versions: () => [entry] },
      store,
      now: Date.now,
      report: () => {},
      access: { targets: [target], barred: () => 'another key' },
    } as never)
  })
  after(async () => {
    await rotations.close()
    await rm(folder, { recursive: true })
  })

  const ended = async (id: string): Promise<void> => {
    while (rotations.run(id)?.state === 'running')
      await new Promise((resolve) => setTimeout(resolve, 1))
  }
  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50))

  it('that came to rest are not kept in memory, and those that lie behind not at all', async () => {
    const ids: string[] = []
    for (let at = 0; at < 24; at += 1) {
      const begun = await rotations.start({ keys: ['k'] }, { by: 'ann', stopAfter: 1 })
      assert.ok(begun.kind === 'ok')
      ids.push(begun.run.id)
      await ended(begun.run.id)
    }
    await settled()
    assert.deepEqual(
      rotations.runs().map(({ id }) => id),
      ids.slice(-16),
    )
  })

  it('are on the disk before anybody is told of them, or are not begun', async () => {
    const file = join(folder, 'rotations.json')
    const begun = await rotations.start({ keys: ['k'] }, { by: 'ann', stopAfter: 1 })
    assert.ok(begun.kind === 'ok')
    assert.match(readFileSync(file, 'utf8'), new RegExp(begun.run.id))
    await ended(begun.run.id)
    await settled()

    const before = rotations.runs()
    await rename(folder, `${folder}-away`)
    const refused = await rotations.start({ keys: ['k'] }, { by: 'ann', stopAfter: 1 })
    await rename(`${folder}-away`, folder)
    assert.ok(refused.kind === 'refused')
    assert.match(
      refused.message,
      /^the run could not be written down, so nothing was begun: .*rotations\.json/,
    )
    assert.deepEqual(rotations.runs(), before)
  })

  it('are resumed from what was written down, and come to rest again', async () => {
    const id = rotations.runs().at(-1)?.id ?? ''
    assert.equal(rotations.steer(id, 'resume', 'ann')?.state, 'running')
    await ended(id)
    await settled()
    assert.equal(rotations.run(id)?.state, 'stopped')
    assert.equal(rotations.steer(id, 'cancel', 'ann')?.state, 'cancelled')
    await settled()
    assert.equal(rotations.run(id)?.state, 'cancelled')
    assert.equal(rotations.runs().length, 16)
    assert.equal(rotations.steer('nobody', 'cancel', 'ann'), undefined)
  })

  it('tell of each change', async () => {
    let changes = 0
    const { revision } = rotations.changes
    const end = rotations.changes.subscribe(() => (changes += 1))
    const begun = await rotations.start({ keys: ['k'] }, { by: 'ann', stopAfter: 1 })
    assert.ok(begun.kind === 'ok')
    await ended(begun.run.id)
    await settled()
    end()
    assert.ok(changes >= 3, `${changes}`)
    assert.equal(rotations.changes.revision, revision + changes)
  })
})

describe('a run that a restart interrupted in a freeze', () => {
  it('has the key ended that was worked on, and begins no other', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sallyport-runs-'))
    const store = await openRotationStore({ file: join(folder, 'rotations.json'), now: Date.now })
    const keys = ['begun', 'other', 'half']
    const at = new Date().toISOString()
    await store.saveRun({
      id: 'run',
      by: 'schedule monthly',
      startedAt: at,
      state: 'running',
      stopAfter: 3,
      units: [
        { key: 'begun', state: 'running' },
        { key: 'other', state: 'waiting' },
        { key: 'half', state: 'running' },
        { key: 'first', state: 'rotated' },
      ],
    })
    await store.save({
      id: 'rotation',
      key: 'half',
      from: 1,
      to: 2,
      phase: 'removing',
      places: [{ target: 'half', login: 'deploy', step: 'verified' }],
      by: 'schedule monthly',
      startedAt: at,
      changedAt: at,
    })
    const entryOf = (id: string, version: number): object => ({
      id,
      version,
      active: version === 2,
      publicKeyLine: 'ssh-ed25519 AAAA',
    })
    const versions = (id: string): readonly object[] => [entryOf(id, 1), entryOf(id, 2)]
    const logins: string[] = []
    const events: string[] = []
    const rotations = createRotations({
      vault: { list: () => keys.map((key) => entryOf(key, 2)), versions },
      store,
      now: Date.now,
      freezes: {
        at: (time: number) => ({ name: 'launch', until: time + 3600_000 }),
        from: () => [],
      },
      report: (event: string) => void events.push(event),
      access: {
        targets: keys.map((key) => ({
          name: key,
          address: '127.0.0.1',
          port: 22,
          labels: {},
          logins: [{ login: 'deploy', key }],
        })),
        connect: ({ target }: { readonly target: { readonly name: string } }) => {
          logins.push(target.name)
          return Promise.reject(new UpstreamError('refused', 'no'))
        },
        sleep: () => Promise.resolve(),
      },
    } as never)
    await rotations.resumeAll()
    while (rotations.run('run')?.units[2]?.state === 'running')
      await new Promise((resolve) => setTimeout(resolve, 1))
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.deepEqual([...new Set(logins)], ['half'])
    assert.equal(rotations.run('run')?.units[2]?.state, 'unfinished')
    assert.equal(rotations.run('run')?.frozen?.name, 'launch')
    assert.equal(events.filter((event) => event === 'rotation.run-frozen').length, 1)
    await rotations.close()
    await rm(folder, { recursive: true })
  })
})

describe('a run that was cancelled while a key was worked on, before a restart', () => {
  it('is under way no more, so that the key can be rotated again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sallyport-runs-'))
    const store = await openRotationStore({ file: join(folder, 'rotations.json'), now: Date.now })
    const units = [{ key: 'k', state: 'running' }] as const
    const startedAt = new Date().toISOString()
    await store.saveRun({
      id: 'run',
      by: 'ann',
      startedAt,
      state: 'cancelled',
      stopAfter: 1,
      units,
    })
    const entry = { id: 'k', version: 1, active: true, createdAt: startedAt }
    const logins = [{ login: 'deploy', key: 'k' }]
    const target = { name: 'web', address: '127.0.0.1', port: 22, labels: {}, logins }
    const rotations = createRotations({
      vault: { list: () => [entry] },
      store,
      now: Date.now,
      report: () => {},
      access: { targets: [target] },
    } as never)
    await rotations.resumeAll()
    assert.equal(rotations.run('run')?.state, 'cancelled')
    assert.equal(rotations.run('run')?.units[0]?.state, 'unfinished')
    const [row] = await createRotationDesk(rotations, [target]).list()
    assert.equal(row?.run?.isUnderWay, false)
    await rotations.close()
    await rm(folder, { recursive: true })
  })
})

describe('a way back that a freeze overtakes while its places are looked at', () => {
  it('is not begun', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sallyport-runs-'))
    const store = await openRotationStore({ file: join(folder, 'rotations.json'), now: Date.now })
    const versions = [1, 2].map((version) => ({
      id: 'k',
      version,
      active: version === 2,
      publicKeyLine: 'ssh-ed25519 AAAA',
    }))
    let begins = false
    const until = Date.now() + 3600_000
    const settings = { driver: 'auto', hook: ['true'] } as const
    const logins = [{ login: 'deploy', key: 'k', rotation: settings }]
    const rotations = createRotations({
      vault: { list: () => versions.slice(1), versions: () => versions },
      store,
      now: Date.now,
      report: (event: string) => {
        begins ||= event === 'rotation.rollback-began'
      },
      freezes: { at: () => (begins ? { name: 'launch', until } : undefined), from: () => [] },
      access: { targets: [{ name: 'web', address: '127.0.0.1', port: 22, labels: {}, logins }] },
    } as never)
    const back = await rotations.rollback('k', { by: 'ann' })
    assert.ok(back.kind === 'ok')
    assert.deepEqual(back.outcome, { kind: 'held', problem: 'it was not begun' })
    assert.deepEqual(store.list(), [])
    await rotations.close()
    await rm(folder, { recursive: true })
  })
})

describe('a run that goes past a freeze', () => {
  const entry = { id: 'k', version: 1, active: true, publicKeyLine: 'ssh-ed25519 AAAA' }
  const hour = 3600_000
  const soon = Date.now() + hour

  for (const [title, meanwhile, state] of [
    ['goes past no other that begins meanwhile and ends later', soon + hour, 'waiting'],
    ['goes past another that ends with it', soon, 'refused'],
  ] as const)
    it(title, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'sallyport-runs-'))
      const store = await openRotationStore({ file: join(folder, 'rotations.json'), now: Date.now })
      const logins = [{ login: 'deploy', key: 'k' }]
      const target = { name: 'web', address: '127.0.0.1', port: 22, labels: {}, logins }
      let frozen = { name: 'launch', until: soon }
      const rotations = createRotations({
        vault: { list: () => [entry], versions: () => [entry] },
        store,
        now: Date.now,
        report: () => {},
        access: { targets: [target], barred: () => 'another key' },
        freezes: { at: () => frozen, from: () => [] },
      } as never)
      try {
        const beginning = rotations.start(
          { keys: ['k'] },
          { by: 'ann', stopAfter: 1, despiteFreeze: 'it leaked' },
        )
        frozen = { name: 'sale', until: meanwhile }
        const begun = await beginning
        assert.ok(begun.kind === 'ok')
        await new Promise((resolve) => setTimeout(resolve, 100))
        assert.equal(rotations.run(begun.run.id)?.units[0]?.state, state)
      } finally {
        await rotations.close()
        await rm(folder, { recursive: true })
      }
    })
})
