import { strict as assert } from 'node:assert'
import { createFreezes, type FreezeEntry } from '@sallyport/bastion/calendar'
import { createSchedules, type Schedule, type Schedules } from '@sallyport/bastion/rotate'
import type { Target } from '@sallyport/bastion/route'
import type { Rotation, RotationRun } from '@sallyport/keys/rotation'

export const MINUTE = 60 * 1000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
export const START = Date.parse('2026-06-01T00:00:00Z')

type Asked = Parameters<Parameters<typeof createSchedules>[0]['runs']['begin']>[0]

/** A vault, runs and a clock, of which a test says what becomes of them. */
export interface World {
  now: number
  readonly created: Map<string, number>
  readonly given: Map<string, number>
  readonly rotations: Map<string, Rotation>
  readonly runs: RotationRun[]
  readonly asked: Asked[]
  readonly reports: (readonly [string, Readonly<Record<string, unknown>>])[]
  readonly quarantined: Set<string>
  readonly workedOn: Set<string>
  readonly targets: readonly Target[]
  /** Ends the last run that was asked for. */
  end(state: RotationRun['state'], failed?: readonly string[]): void
  /** Opens the schedules, as a bastion does that starts. */
  open(schedules: readonly Partial<Schedule>[], freezes?: readonly FreezeEntry[]): Schedules
  /** Looks once a minute up to a moment. */
  pass(schedules: Schedules, span: number, step?: number): void
}

/** Returns a world of so many keys, each at a target of its own and just made. */
export function createWorld(count: number): World {
  const keys = Array.from({ length: count }, (_, at) => `k${at}`)
  const versions = new Map(keys.map((key) => [key, 1]))
  const world: World = {
    now: START,
    created: new Map(keys.map((key) => [key, START])),
    given: new Map(),
    rotations: new Map(),
    runs: [],
    asked: [],
    reports: [],
    quarantined: new Set(),
    workedOn: new Set(),
    targets: keys.map((key, at) => ({
      name: `t${at}`,
      address: '127.0.0.1',
      port: 22,
      labels: { env: at % 2 === 0 ? 'prod' : 'test' },
      logins: [{ login: 'deploy', key }],
    })),
    end(state, failed = []) {
      const run = world.runs.pop()
      assert.ok(run !== undefined)
      const ended = state === 'running' || state === 'paused'
      world.runs.push({
        ...run,
        state,
        units: run.units.map(({ key }) => {
          if (failed.includes(key)) return { key, state: 'refused', problem: 'no' }
          versions.set(key, (versions.get(key) ?? 0) + 1)
          world.created.set(key, world.now)
          return { key, state: 'rotated' }
        }),
        ...(ended ? {} : { endedAt: new Date(world.now).toISOString() }),
      })
    },
    open: (schedules, freezes = []) => {
      const parts: Partial<Parameters<typeof createSchedules>[0]> = {
        schedules: schedules.map((one) => ({
          name: 'monthly',
          every: 30 * DAY,
          jitter: 0,
          stopAfter: 3,
          type: 'ed25519',
          selection: {},
          ...one,
        })),
        freezes: createFreezes(freezes),
        now: () => world.now,
        report: (event, detail) => void world.reports.push([event, detail]),
        isWorkedOn: (key) => world.workedOn.has(key),
        runs: {
          list: () => world.runs,
          async begin(asked) {
            world.asked.push(asked)
            const { keys: wanted, ...rest } = asked
            const run: RotationRun = {
              id: `run${world.asked.length}`,
              startedAt: new Date(world.now).toISOString(),
              state: 'running',
              units: wanted.map((key) => ({ key, state: 'waiting' })),
              ...rest,
            }
            world.runs.push(run)
            return run
          },
        },
        access: {
          targets: world.targets,
          connect: () => assert.fail('nobody is logged in to'),
          sleep: () => Promise.resolve(),
          barred: ({ name }) => (world.quarantined.has(name) ? 'another key' : undefined),
        },
      }
      const vault = {
        list: () =>
          [...world.created].map(([id, created]) => ({
            id,
            version: versions.get(id) ?? 0,
            fingerprint: `SHA256:${id}/${versions.get(id)}`,
            createdAt: new Date(created).toISOString(),
            ...(world.given.has(id)
              ? { dueSince: new Date(world.given.get(id) ?? 0).toISOString() }
              : {}),
          })),
      }
      const store = { ofKey: (key: string) => world.rotations.get(key) }
      return createSchedules({ ...parts, vault, store } as never)
    },
    pass(schedules, span, step = MINUTE) {
      for (const end = world.now + span; world.now < end;) {
        world.now = Math.min(end, world.now + step)
        schedules.look()
      }
    },
  }
  return world
}

/** Returns a rotation of a key that came to a phase at a moment. */
export const rotationOf = (key: string, phase: Rotation['phase'], at: number): Rotation => ({
  id: `rotation of ${key}`,
  key,
  from: 1,
  to: 2,
  phase,
  places: [],
  by: 'ann',
  startedAt: new Date(at).toISOString(),
  changedAt: new Date(at).toISOString(),
})
