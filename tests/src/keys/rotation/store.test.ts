import { strict as assert } from 'node:assert'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRotationStore, wavesOf, type RotationRun } from '@sallyport/keys/rotation'

const runOf = (id: string, rest: Partial<RotationRun> = {}): RotationRun => ({
  id,
  by: 'ann',
  startedAt: '2026-06-01T00:00:00.000Z',
  state: 'done',
  stopAfter: 3,
  units: [{ key: 'k', state: 'rotated' }],
  ...rest,
})

describe('the file of rotations', () => {
  let folder: string
  let file: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-rotations-'))
    file = join(folder, 'rotations.json')
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('keeps every run that is under way, some that ended, and the last one of each schedule', async () => {
    const store = await openRotationStore({ file, now: Date.now })
    await store.saveRun(runOf('old', { schedule: 'monthly', state: 'cancelled' }))
    await store.saveRun(runOf('nightly', { schedule: 'monthly', state: 'stopped' }))
    await store.saveRun(runOf('paused', { state: 'paused' }))
    await store.saveRun(runOf('running', { state: 'running' }))
    for (let at = 0; at < 40; at += 1)
      await store.saveRun(runOf(`r${at}`, { state: at % 2 === 0 ? 'done' : 'stopped' }))
    const ids = store.runs().map(({ id }) => id)
    assert.deepEqual(ids.slice(0, 3), ['nightly', 'paused', 'running'])
    assert.deepEqual(
      ids.slice(3),
      Array.from({ length: 16 }, (_, at) => `r${at + 24}`),
    )
    await store.close()
  })

  it('has a run as it was written, and is refused with one that is none', async () => {
    const run = runOf('r', {
      schedule: 'monthly',
      type: 'ecdsa',
      despiteFreeze: { reason: 'leaked', until: '2026-06-02T00:00:00.000Z' },
      endedAt: '2026-06-01T01:00:00.000Z',
    })
    const store = await openRotationStore({ file, now: Date.now })
    await store.saveRun(run)
    await store.close()
    const again = await openRotationStore({ file, now: Date.now })
    assert.deepEqual(again.runs(), [run])
    await again.close()
    const text = await readFile(file, 'utf8')
    for (const [good, bad] of [
      ['"ecdsa"', '"dsa"'],
      ['"monthly"', '7'],
      ['"leaked"', 'null'],
      ['"2026-06-01T01:00:00.000Z"', '1'],
    ] as const) {
      assert.ok(text.includes(good))
      await writeFile(file, text.replace(good, bad))
      await assert.rejects(openRotationStore({ file, now: Date.now }), bad)
    }
  })
})

describe('the waves of a run', () => {
  it('begin with what was worked on when it was interrupted', () => {
    const states = ['rotated', 'waiting', 'refused', 'running', 'waiting', 'running'] as const
    const units = states.map((state, at) => ({ key: `k${at}`, state }))
    assert.deepEqual(wavesOf(runOf('r', { state: 'running', units })), [
      ['k3', 'k5'],
      ['k1', 'k2', 'k4'],
    ])
  })
})
