import { strict as assert } from 'node:assert'
import type { Frozen } from '@sallyport/bastion/calendar'
import { begin, half, keysOf, runOf } from './fleet-rig.ts'

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

  for (const last of ['rotated', 'unfinished', 'held'] as const)
    it(`takes up again what failed when it is resumed before its last key is ${last}`, async () => {
      const rig = await begin(runOf(4, 1))
      const { fleet, begun } = rig
      await rig.finish('k0')
      await rig.finish('k1')
      assert.deepEqual(begun, ['k0', 'k1', 'k2', 'k3'])
      await rig.finish('k2', 'refused')
      assert.equal(fleet.run.state, 'stopped')
      fleet.resume()
      await rig.finish('k3', last)
      assert.equal(fleet.run.state, 'running')
      assert.deepEqual(begun.slice(4), last === 'rotated' ? ['k2'] : ['k2', 'k3'])
      await rig.finish('k2')
      await rig.finish('k3')
      assert.equal(fleet.run.state, 'done')
    })
})
