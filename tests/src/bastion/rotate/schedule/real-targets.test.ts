import { strict as assert } from 'node:assert'
import { createFreezes } from '@sallyport/bastion/calendar'
import type { Schedule } from '@sallyport/bastion/rotate'
import type { RotationRun } from '@sallyport/keys/rotation'
import { until } from '../../../support/until.ts'
import { openManyTargets, type ManyTargets } from '../many.ts'

const HOUR = 3600 * 1000
const DAY = 24 * HOUR

const schedule: Schedule = {
  name: 'monthly',
  every: 30 * DAY,
  jitter: 0,
  stopAfter: 3,
  type: 'ecdsa',
  selection: { labels: { env: 'prod' } },
}

describe('a schedule over real targets', function () {
  this.timeout(180_000)
  const start = Date.now()
  /** What the clock is ahead; a freeze begins with day 30 and an hour, and ends an hour later. */
  let now = start
  const iso = (span: number): string => new Date(start + span).toISOString()
  const reports: (readonly [string, Readonly<Record<string, unknown>>])[] = []
  /** Called at each report. */
  let onReport: (event: string) => void = () => {}
  let many: ManyTargets

  before(async () => {
    const launch = { name: 'launch', from: iso(30 * DAY + HOUR), until: iso(30 * DAY + 2 * HOUR) }
    many = await openManyTargets(4, new Map(), {
      schedules: [schedule],
      freezes: createFreezes([launch]),
      now: () => now,
      report: (event, detail) => {
        reports.push([event, detail])
        onReport(event)
      },
    })
  })
  after(() => many.close())

  const runs = (): readonly RotationRun[] => many.rotations.runs()
  const versions = (): readonly number[] =>
    many.vault
      .list()
      .map(({ version }) => version)
      .toSorted((one, other) => one - other)

  it('begins when the keys are old enough, and waits in a freeze behind the key that it works on', async () => {
    now = start + 29 * DAY
    many.rotations.look()
    assert.deepEqual(runs(), [])
    const next = many.rotations.states().map((state) => state.next?.begins)
    assert.ok(next.every((begins) => begins !== undefined && Date.parse(begins) > now))

    now = start + 30 * DAY + HOUR - 1
    onReport = (event) => {
      // The freeze sets in while the first key is being worked on.
      if (event === 'rotation.began') now = start + 30 * DAY + 2 * HOUR - 200
    }
    many.rotations.look()
    await until(() => reports.some(([event]) => event === 'rotation.run-frozen'))
    onReport = () => {}
    const [run] = runs()
    assert.ok(run !== undefined)
    assert.equal(run.by, 'schedule monthly')
    assert.deepEqual(
      run.units.map(({ state }) => state),
      ['rotated', 'waiting', 'waiting', 'waiting'],
    )
    assert.deepEqual(many.rotations.run(run.id)?.frozen, {
      name: 'launch',
      until: iso(30 * DAY + 2 * HOUR),
    })
    assert.deepEqual(versions(), [1, 1, 1, 2])
    const keys = many.rotations.keys()
    assert.equal(keys.find(({ version }) => version === 2)?.type, 'ecdsa-sha2-nistp256')
  })

  it('refuses meanwhile what is asked for by hand, unless it is told a reason', async () => {
    const asked = { by: 'ann', stopAfter: 1 }
    const refused = await many.rotations.start({ keys: ['t0'] }, asked)
    assert.ok(refused.kind === 'refused')
    assert.match(
      refused.message,
      new RegExp(`^freeze launch: frozen until ${iso(30 * DAY + 2 * HOUR)}; .*--despite-freeze`),
    )
    const back = await many.rotations.rollback('t0', { by: 'ann' })
    assert.ok(back.kind === 'refused' && back.message === refused.message)
    assert.deepEqual(versions(), [1, 1, 1, 2])

    const begun = await many.rotations.start(
      { keys: ['t0'] },
      { ...asked, despiteFreeze: 'it leaked' },
    )
    assert.ok(begun.kind === 'ok')
    await until(() => runs().find(({ id }) => id === begun.run.id)?.state === 'done')
    const [, said] = reports.findLast(([event]) => event === 'rotation.run-began') ?? []
    assert.deepEqual(said?.['despiteFreeze'], {
      reason: 'it leaked',
      until: iso(30 * DAY + 2 * HOUR),
    })
    assert.equal(said?.['by'], 'ann')
  })

  it('goes on after a restart and the end of the freeze, and begins nothing a second time', async () => {
    await many.restart()
    many.rotations.look()
    assert.equal(runs().length, 2)
    const run = runs().find(({ by }) => by === 'schedule monthly')
    assert.equal(run?.state, 'running')
    assert.equal(run.units.filter(({ state }) => state === 'rotated').length, 1)
    now = start + 30 * DAY + 2 * HOUR
    await until(() => runs().find(({ id }) => id === run.id)?.state === 'done')
    many.rotations.look()
    assert.equal(runs().length, 2)
    assert.deepEqual(versions(), [2, 2, 2, 3])
    for (const key of ['t0', 't1', 't2', 't3']) assert.equal((await many.keysAt(key)).length, 1)
    const seen = await many.rotations.verify({})
    assert.ok(seen.kind === 'ok' && seen.checks.every(({ result }) => result === 'accepted'))
  })

  it('makes keys of the type that somebody asks for', async () => {
    now += HOUR
    const begun = await many.rotations.start(
      { keys: ['t1'] },
      { by: 'ann', stopAfter: 1, type: 'rsa' },
    )
    assert.ok(begun.kind === 'ok')
    await until(() => runs().find(({ id }) => id === begun.run.id)?.state === 'done')
    assert.equal(many.rotations.keys().find(({ id }) => id === 't1')?.type, 'ssh-rsa')
    const seen = await many.rotations.verify({ keys: ['t1'] })
    assert.ok(seen.kind === 'ok' && seen.checks[0]?.result === 'accepted')
  })
})
