import { strict as assert } from 'node:assert'
import type { RotationRun } from '@sallyport/keys/rotation'
import type { Frozen } from '@sallyport/bastion/calendar'
import { startFleet, type Fleet, type KeyOutcome } from '@sallyport/bastion/rotate'

interface Rig {
  readonly fleet: Fleet
  /** Keys that were begun, in order. */
  readonly begun: string[]
  /** The run as it was written down last. */
  readonly disk: () => RotationRun
  finish(key: string, outcome?: KeyOutcome['kind']): Promise<void>
  /** Whether a key that is waited for may still be begun. */
  mayBegin(key: string): boolean | undefined
  /** Sets in or ends a freeze, and wakes who waits. */
  freeze(frozen: Frozen | undefined): Promise<void>
  readonly reports: (readonly [string, Readonly<Record<string, unknown>>])[]
}

/** Keys of which a rotation was begun before. */
const half = new Set<string>()
const rotation = {} as never
const outcomes: Readonly<Record<KeyOutcome['kind'], KeyOutcome>> = {
  rotated: { kind: 'rotated', rotation },
  refused: { kind: 'refused', problem: 'no' },
  held: { kind: 'held', problem: 'not begun' },
  unfinished: { kind: 'unfinished', rotation, problem: 'not yet' },
}
const keysOf = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `k${at}`)

async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

function openRig(run: RotationRun, freezes?: Frozen): Rig {
  const reports: Rig['reports'] = []
  let frozen = freezes
  let wake = new AbortController()
  const begun: string[] = []
  const asks = new Map<string, () => boolean>()
  const open = new Map<string, (outcome: KeyOutcome) => void>()
  let disk = run
  const fleet = startFleet(run, {
    rotate: (key, _run, mayBegin) => {
      begun.push(key)
      asks.set(key, mayBegin)
      return new Promise((resolve) => open.set(key, resolve))
    },
    save: (changed) => {
      disk = changed
      return Promise.resolve()
    },
    report: (event, detail) => void reports.push([event, detail]),
    frozen: (key) => (half.has(key) ? undefined : frozen),
    sleepUntil: (_at, signal) =>
      new Promise((resolve) => {
        AbortSignal.any([signal, wake.signal]).addEventListener('abort', () => resolve())
        if (signal.aborted) resolve()
      }),
    now: () => 0,
  })
  return {
    fleet,
    begun,
    disk: () => disk,
    finish: async (key, outcome = 'rotated') => {
      open.get(key)?.(outcomes[outcome])
      await turns()
    },
    freeze: async (next) => {
      frozen = next
      wake.abort()
      wake = new AbortController()
      await turns()
    },
    mayBegin: (key) => asks.get(key)?.(),
    reports,
  }
}

const runOf = (count: number, stopAfter = 3): RotationRun => ({
  id: 'run',
  by: 'ann',
  startedAt: '',
  state: 'running',
  stopAfter,
  units: keysOf(count).map((key) => ({ key, state: 'waiting' })),
})

async function begin(run: RotationRun, frozen?: Frozen): Promise<Rig> {
  const rig = openRig(run, frozen)
  await rig.finish('nobody')
  return rig
}

describe('a fleet', () => {
  it('begins with one key, then a tenth, then the rest', async () => {
    const rig = await begin(runOf(25))
    assert.deepEqual(rig.begun, ['k0'])
    await rig.finish('k0')
    assert.deepEqual(rig.begun, keysOf(4))
    await rig.finish('k1')
    await rig.finish('k2')
    assert.equal(rig.begun.length, 4)
    await rig.finish('k3')
    assert.equal(rig.begun.length, 14, 'ten at a time')
    for (const key of keysOf(25).slice(4)) await rig.finish(key)
    await rig.fleet.idle
    assert.equal(rig.disk().state, 'done')
    assert.deepEqual(rig.begun, keysOf(25))
  })

  it('stops when the canary fails, and goes on with it when it is resumed', async () => {
    const rig = await begin(runOf(3))
    await rig.finish('k0', 'refused')
    await rig.fleet.idle
    assert.equal(rig.disk().state, 'stopped')
    assert.deepEqual(rig.disk().units[0], { key: 'k0', state: 'refused', problem: 'no' })
    assert.deepEqual(rig.begun, ['k0'])
    rig.fleet.resume()
    await rig.finish('nobody')
    assert.deepEqual(rig.begun, ['k0', 'k0'])
    for (const key of keysOf(3)) await rig.finish(key)
    await rig.fleet.idle
    assert.equal(rig.disk().state, 'done')
  })

  it('begins nothing more after so many failures, and ends what it had begun', async () => {
    const rig = await begin(runOf(40, 2))
    await rig.finish('k0')
    for (const key of ['k1', 'k2', 'k3', 'k4']) await rig.finish(key)
    assert.equal(rig.begun.length, 15)
    await rig.finish('k5', 'unfinished')
    assert.equal(rig.begun.length, 16)
    await rig.finish('k6', 'refused')
    assert.equal(rig.disk().state, 'stopped')
    for (const key of keysOf(16).slice(7)) await rig.finish(key)
    await rig.fleet.idle
    assert.equal(rig.begun.length, 16)
    const { units } = rig.disk()
    assert.equal(units.filter(({ state }) => state === 'rotated').length, 14)
    assert.equal(units.filter(({ state }) => state === 'waiting').length, 24)
  })

  it('is paused and cancelled between keys', async () => {
    const rig = await begin(runOf(30))
    await rig.finish('k0')
    rig.fleet.pause()
    for (const key of ['k1', 'k2', 'k3']) await rig.finish(key)
    await rig.fleet.idle
    assert.equal(rig.disk().state, 'paused')
    assert.equal(rig.begun.length, 4)
    rig.fleet.resume()
    await rig.finish('nobody')
    assert.equal(rig.begun.length, 14)
    rig.fleet.cancel()
    for (const key of keysOf(14).slice(4)) await rig.finish(key)
    await rig.fleet.idle
    assert.equal(rig.disk().state, 'cancelled')
    assert.equal(rig.begun.length, 14)
    rig.fleet.resume()
    await rig.finish('nobody')
    assert.equal(rig.begun.length, 14)
  })

  it('stays cancelled, done or stopped after a restart; what stopped may be resumed', async () => {
    for (const state of ['cancelled', 'done', 'paused', 'stopped'] as const) {
      const rig = await begin({ ...runOf(3), state })
      assert.deepEqual(rig.begun, [], state)
      assert.equal(rig.fleet.run.state, state)
      rig.fleet.resume()
      await rig.finish('nobody')
      const rotated = runOf(2).units.map((unit) => ({ ...unit, state: 'rotated' as const }))
      const full = await begin({ ...runOf(2), units: rotated, state })
      assert.equal(full.fleet.run.state, state)
      const resumed = state === 'paused' || state === 'stopped'
      assert.deepEqual(rig.begun, resumed ? ['k0'] : [], state)
    }
  })

  it('goes on after a restart with what is left, without another canary', async () => {
    const run = runOf(30)
    const units = run.units.map((unit, at) =>
      at < 5 ? { ...unit, state: 'rotated' as const } : { ...unit, state: 'running' as const },
    )
    const rig = await begin({ ...run, units })
    assert.equal(rig.begun.length, 10)
    assert.equal(rig.begun[0], 'k5')
  })

  const weekend: Frozen = { name: 'weekend', until: 1000 }

  it('begins no key in a freeze, ends what it had begun, and goes on by itself after it', async () => {
    const rig = await begin(runOf(25))
    await rig.freeze(weekend)
    await rig.finish('k0')
    assert.deepEqual(rig.begun, ['k0'])
    assert.equal(rig.disk().state, 'running')
    assert.deepEqual(rig.disk().units[0], { key: 'k0', state: 'rotated' })
    await rig.freeze(weekend)
    assert.deepEqual(rig.begun, ['k0'])
    assert.deepEqual(rig.reports, [
      ['rotation.run-frozen', { run: 'run', freeze: 'weekend', until: '1970-01-01T00:00:01.000Z' }],
    ])
    await rig.freeze(undefined)
    assert.deepEqual(rig.begun, keysOf(4))
    assert.deepEqual(rig.reports.at(-1), ['rotation.run-thawed', { run: 'run', freeze: 'weekend' }])
    for (const key of keysOf(25).slice(1)) await rig.finish(key)
    await rig.fleet.idle
    assert.equal(rig.disk().state, 'done')
  })

  it('takes up after a freeze a key that was not begun, since it had to wait for others', async () => {
    const rig = await begin(runOf(2))
    await rig.freeze(weekend)
    assert.equal(rig.mayBegin('k0'), false)
    await rig.finish('k0', 'held')
    assert.deepEqual(rig.disk().units[0], { key: 'k0', state: 'waiting' })
    assert.deepEqual(rig.begun, ['k0'])
    await rig.freeze(undefined)
    assert.deepEqual(rig.begun, ['k0', 'k0'])
    assert.equal(rig.mayBegin('k0'), true)
    rig.fleet.pause()
    assert.equal(rig.mayBegin('k0'), false)
    await rig.finish('k0', 'held')
    await rig.fleet.idle
    assert.equal(rig.disk().state, 'paused')
    rig.fleet.resume()
    await rig.finish('nobody')
    for (const key of ['k0', 'k1']) await rig.finish(key)
    await rig.fleet.idle
    assert.equal(rig.disk().state, 'done')
  })

  it('is paused, cancelled and left in a freeze, and then begins nothing after it', async () => {
    for (const how of ['pause', 'cancel', 'leave'] as const) {
      const rig = await begin(runOf(3), weekend)
      rig.fleet[how]()
      await rig.fleet.idle
      await rig.freeze(undefined)
      assert.deepEqual(rig.begun, [], how)
    }
    const paused = await begin(runOf(3), weekend)
    paused.fleet.pause()
    await paused.fleet.idle
    paused.fleet.resume()
    await paused.freeze(weekend)
    assert.deepEqual(paused.begun, [])
    await paused.freeze(undefined)
    assert.deepEqual(paused.begun, ['k0'])
  })

  it('ends in a freeze what a restart interrupted, before all else', async () => {
    const run = runOf(30)
    const units = run.units.map((unit, at) => {
      if (at === 0) return { ...unit, state: 'rotated' as const }
      return at > 27 ? { ...unit, state: 'running' as const } : unit
    })
    half.add('k29')
    try {
      const rig = await begin({ ...run, units }, weekend)
      assert.deepEqual(rig.begun, ['k29'])
      await rig.finish('k29')
      assert.equal(rig.disk().units[29]?.state, 'rotated')
      assert.deepEqual(rig.begun, ['k29'])
      await rig.freeze(undefined)
      assert.deepEqual(rig.begun.slice(0, 2), ['k29', 'k28'])
    } finally {
      half.clear()
    }
  })

  it('says when it ended, and no longer once it was resumed', async () => {
    const rig = await begin(runOf(2))
    assert.equal(rig.disk().endedAt, undefined)
    await rig.finish('k0', 'refused')
    assert.equal(rig.disk().endedAt, '1970-01-01T00:00:00.000Z')
    rig.fleet.resume()
    await rig.finish('nobody')
    assert.equal(rig.disk().endedAt, undefined)
    await rig.finish('k0')
    await rig.finish('k1')
    await rig.fleet.idle
    assert.equal(rig.disk().state, 'done')
    assert.equal(rig.disk().endedAt, '1970-01-01T00:00:00.000Z')
  })
})
