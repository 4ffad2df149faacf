import { strict as assert } from 'node:assert'
import type { FreezeEntry } from '@sallyport/bastion/calendar'
import type { RotationRun } from '@sallyport/keys/rotation'
import { createWorld, DAY, HOUR, MINUTE, rotationOf, START, type World } from './world.ts'

describe('a schedule', () => {
  it('begins one run of all keys that are old enough, and says that it asked', () => {
    const world = createWorld(3)
    world.created.set('k1', START + DAY)
    const schedules = world.open([{ stopAfter: 2, type: 'ecdsa' }])
    world.pass(schedules, 30 * DAY - MINUTE, HOUR)
    assert.deepEqual(world.asked, [])
    world.pass(schedules, HOUR)
    assert.deepEqual(world.asked, [
      {
        keys: ['k0', 'k2'],
        by: 'schedule monthly',
        schedule: 'monthly',
        stopAfter: 2,
        type: 'ecdsa',
      },
    ])
    world.end('done')
    world.pass(schedules, 2 * DAY, HOUR)
    assert.deepEqual(
      world.asked.slice(1).map(({ keys }) => keys),
      [['k1']],
    )
  })

  it('takes the keys that it selects, and a key only for the first that does', () => {
    const world = createWorld(4)
    const schedules = world.open([
      { name: 'prod', selection: { labels: { env: 'prod' } } },
      { name: 'one', selection: { keys: ['k1'] } },
      { name: 'rest', every: 60 * DAY },
    ])
    assert.deepEqual(
      schedules.list().map(({ name, keys }) => [name, keys.map(({ key }) => key)]),
      [
        ['prod', ['k0', 'k2']],
        ['one', ['k1']],
        ['rest', ['k3']],
      ],
    )
    world.pass(schedules, 31 * DAY, HOUR)
    assert.deepEqual(
      world.asked.map(({ by, keys }) => [by, keys]),
      [
        ['schedule prod', ['k0', 'k2']],
        ['schedule one', ['k1']],
      ],
    )
  })

  it('spreads keys over the jitter, at the same times after each restart', () => {
    const world = createWorld(40)
    const spread = { jitter: 10 * DAY }
    const before = world.open([spread]).next()
    world.now += 20 * DAY
    const schedules = world.open([spread])
    assert.deepEqual([...schedules.next()], [...before])
    const times = [...before.values()].map(({ due }) => Date.parse(due ?? ''))
    assert.ok(times.every((time) => time >= START + 30 * DAY && time < START + 40 * DAY))
    assert.ok(new Set(times.map((time) => Math.floor(time / DAY))).size > 5)
    for (let day = 20; day < 40; day += 1) {
      world.pass(schedules, DAY, HOUR)
      if (world.runs.at(-1)?.state === 'running') world.end('done')
    }
    assert.ok(world.asked.length > 5, `${world.asked.length} runs`)
    const all = world.asked.flatMap(({ keys }) => keys)
    assert.ok(all.length > 30)
    assert.equal(new Set(all).size, all.length)
  })

  it('spreads what became due while the bastion was down, however often it starts', () => {
    const world = createWorld(40)
    world.now += 90 * DAY
    const schedules = world.open([{ jitter: DAY }])
    schedules.look()
    assert.ok((world.asked[0]?.keys.length ?? 0) < 5)
    for (let minute = 0; minute < 60; minute += 1) {
      if (world.runs.at(-1)?.state === 'running') world.end('done')
      world.pass(schedules, MINUTE)
    }
    assert.equal(world.asked.flatMap(({ keys }) => keys).length, 40)
    assert.ok(world.asked.every(({ keys }) => keys.length < 10))
  })

  it('has a key given out by hand rotated at once', () => {
    const world = createWorld(2)
    const schedules = world.open([{}])
    world.pass(schedules, DAY, HOUR)
    world.given.set('k1', world.now)
    world.pass(schedules, MINUTE)
    assert.deepEqual(
      world.asked.map(({ keys }) => keys),
      [['k1']],
    )
  })

  it('begins nothing in a freeze or outside of its hours, and says when it will', () => {
    const world = createWorld(1)
    const freeze: FreezeEntry = {
      name: 'launch',
      from: '2026-06-30T00:00:00Z',
      until: '2026-07-02T12:00:00Z',
    }
    const hours = { between: '10:00-11:00', tz: 'UTC' }
    const schedules = world.open([{ hours }], [freeze])
    assert.deepEqual(schedules.next().get('k0'), {
      schedule: 'monthly',
      due: '2026-07-01T00:00:00.000Z',
      begins: '2026-07-03T10:00:00.000Z',
    })
    world.now = Date.parse('2026-06-30T12:00:00Z')
    world.pass(schedules, Date.parse('2026-07-03T09:59:00Z') - world.now)
    assert.deepEqual(world.asked, [])
    world.pass(schedules, MINUTE)
    assert.equal(world.asked.length, 1)
  })

  it('does not begin anew after a run that stopped or was cancelled, but a day later, with what failed last', () => {
    for (const state of ['stopped', 'cancelled'] as const) {
      const world = createWorld(3)
      const schedules = world.open([{}])
      world.pass(schedules, 30 * DAY, HOUR)
      world.end(state, ['k0', 'k1', 'k2'].slice(0, state === 'stopped' ? 1 : 3))
      world.created.set('k1', START).set('k2', START)
      assert.equal(schedules.list()[0]?.halted?.until, new Date(world.now + DAY).toISOString())
      world.pass(schedules, DAY - MINUTE)
      assert.equal(world.asked.length, 1, state)
      world.pass(schedules, MINUTE)
      const again = state === 'stopped' ? ['k1', 'k2', 'k0'] : ['k0', 'k1', 'k2']
      assert.deepEqual(world.asked[1]?.keys, again, state)
      assert.equal(schedules.list()[0]?.halted, undefined)
    }
  })

  it('waits while a run of its own goes on or is paused, also after a restart', () => {
    const world = createWorld(2)
    world.created.set('k1', START + DAY)
    world.pass(world.open([{}]), 30 * DAY, HOUR)
    for (const state of ['running', 'paused'] as const) {
      const run = world.runs.pop()
      assert.ok(run !== undefined)
      world.runs.push({ ...run, state })
      const schedules = world.open([{}])
      world.pass(schedules, 2 * DAY, HOUR)
      assert.equal(world.asked.length, 1)
      assert.equal(schedules.list()[0]?.run, run.id)
      assert.match(
        schedules.next().get('k1')?.blocked ?? '',
        new RegExp(`run ${run.id} .*is ${state}`),
      )
    }
    world.end('done')
    world.pass(world.open([{}]), HOUR)
    assert.deepEqual(
      world.asked.map(({ keys }) => keys),
      [['k0'], ['k1']],
    )
  })

  const against: readonly (readonly [string, (world: World) => () => void, RegExp])[] = [
    [
      'is in a run by hand',
      (world) => {
        const run: RotationRun = {
          id: 'by-hand',
          by: 'ann',
          startedAt: '',
          state: 'paused',
          stopAfter: 1,
          units: [{ key: 'k0', state: 'waiting' }],
        }
        world.runs.push(run)
        return () => void world.runs.splice(world.runs.indexOf(run), 1, { ...run, state: 'done' })
      },
      /it is in run by-hand by ann, which is paused/,
    ],
    [
      'has a rotation that did not end',
      (world) => {
        const half = rotationOf('k0', 'removing', START)
        world.rotations.set('k0', { ...half, problem: 'still accepted' })
        return () => void world.rotations.set('k0', { ...half, phase: 'done' })
      },
      /a rotation of it did not end \(removing\): still accepted/,
    ],
    [
      'is worked on by somebody',
      (world) => {
        world.workedOn.add('k0')
        return () => void world.workedOn.delete('k0')
      },
      /somebody works on it/,
    ],
    [
      'lets in at a target in quarantine',
      (world) => {
        world.quarantined.add('t0')
        return () => void world.quarantined.delete('t0')
      },
      /target t0 is in quarantine: another key/,
    ],
    [
      'is not in the vault',
      (world) => {
        world.created.delete('k0')
        return () => void world.created.set('k0', START)
      },
      /the vault has no key k0/,
    ],
  ]
  for (const [what, begin, reason] of against)
    it(`leaves out a key that ${what}, says so once, and takes it up after that`, () => {
      const world = createWorld(2)
      const mend = begin(world)
      const schedules = world.open([{}])
      world.pass(schedules, 31 * DAY, HOUR)
      assert.deepEqual(
        world.asked.map(({ keys }) => keys),
        [['k1']],
      )
      const said = world.reports.filter(([event]) => event === 'rotation.schedule-blocked')
      assert.equal(said.length, 1)
      assert.equal(said[0]?.[1]['key'], 'k0')
      assert.match(String(said[0]?.[1]['reason']), reason)
      world.end('done')
      assert.match(schedules.next().get('k0')?.blocked ?? '', reason)
      assert.equal(schedules.next().get('k0')?.begins, undefined)
      mend()
      world.pass(schedules, HOUR)
      assert.deepEqual(world.asked[1]?.keys, ['k0'])
    })

  it('leaves a key alone for a day after a rotation of it, be it one that went back to an older version', () => {
    const world = createWorld(1)
    world.now += 40 * DAY
    world.rotations.set('k0', rotationOf('k0', 'done', world.now))
    const schedules = world.open([{}])
    world.pass(schedules, DAY - MINUTE)
    assert.deepEqual(world.asked, [])
    world.pass(schedules, MINUTE)
    assert.equal(world.asked.length, 1)
  })
})
