import type { RotationRun } from '@sallyport/keys/rotation'
import { createWeekly, openingFrom, type Freezes } from '../../calendar/index.ts'
import { placeKeys, select, type PlacedKey } from '../places.ts'
import type { RotateParts } from '../rotate-key.ts'
import type { NewRun, Runs } from '../runs.ts'
import { blockedBy } from './blocked.ts'
import { dueOf, pauseOf, type Schedule } from './schedule.ts'
import type { ScheduledKey } from './scheduled-key.ts'
import { viewSchedule, type NextRotation, type ScheduleView } from './view.ts'

const MOST_REMEMBERED = 10_000

export interface ScheduleParts extends RotateParts {
  readonly schedules: readonly Schedule[]
  readonly freezes: Freezes
  readonly runs: Pick<Runs, 'list' | 'begin'>
  /** Whether something is done to a key outside of any run. */
  readonly isWorkedOn: (key: string) => boolean
}

/** The keys that are rotated by themselves. */
export interface Schedules {
  /** Begins a run of each schedule that has keys to rotate now. */
  look(): void
  /** Returns each schedule with its keys and when they are due. */
  list(): readonly ScheduleView[]
  /** Returns when the keys that have a schedule are rotated next. */
  next(): ReadonlyMap<string, NextRotation>
}

/** Returns the schedules, which begin nothing but when they are told to look. */
export function createSchedules(parts: ScheduleParts): Schedules {
  const { vault, store, access, freezes, runs, now, report } = parts
  const startedAt = now()
  const planned = assign(parts.schedules, access.targets, freezes)
  /** What was said of the keys that something stands against. */
  const told = new Map<string, string>()

  const keysOf = (
    { schedule, placed, opening }: Planned,
    time: number,
  ): readonly ScheduledKey[] => {
    const entries = new Map(vault.list().map((entry) => [entry.id, entry]))
    const all = runs.list()
    const halted = haltedUntil(schedule, all)
    const own = underWay(lastRunOf(schedule, all))
    const isHeld = (key: string): boolean => entries.has(key)
    return placed.map((one) => {
      const entry = entries.get(one.key)
      const blocked =
        blockedBy(one, { ...parts, access, store, runs: all, isHeld }) ??
        (own && { id: own.id, reason: `run ${own.id} of the schedule is ${own.state}` })
      if (entry === undefined)
        return { placed: one, entry, due: 0, from: 0, begins: undefined, blocked }
      const { due, from } = dueOf(schedule, entry, { rotation: store.ofKey(one.key), startedAt })
      const begins = blocked === undefined ? opening(Math.max(from, halted ?? 0, time)) : undefined
      return { placed: one, entry, due, from, begins, blocked }
    })
  }
  const tell = (schedule: Schedule, { placed: { key }, blocked }: ScheduledKey): void => {
    if (blocked === undefined) return void told.delete(key)
    if (told.get(key) === blocked.id) return
    told.set(key, blocked.id)
    const { reason } = blocked
    report('rotation.schedule-blocked', { schedule: schedule.name, key, reason })
  }
  const lookAt = (one: Planned, time: number): void => {
    const { schedule } = one
    const all = runs.list()
    const last = lastRunOf(schedule, all)
    const own = underWay(last)
    const due = keysOf(one, time).filter(({ from }) => from <= time)
    // That they wait for its own run is no news while that goes on.
    if (own?.state !== 'running') for (const key of due) tell(schedule, key)
    const ready = due.filter(({ begins }) => begins !== undefined && begins <= time)
    if (ready.length === 0) return
    const failed = failedIn(last)
    const keys = ready.map(({ placed: { key } }) => key)
    const { name, stopAfter, type } = schedule
    const asked: NewRun = {
      keys: [...keys.filter((key) => !failed.has(key)), ...keys.filter((key) => failed.has(key))],
      by: `schedule ${name}`,
      schedule: name,
      stopAfter,
      type,
    }
    // What could not be written down was reported, and is still due.
    void runs.begin(asked).catch(() => {})
  }

  const list = (): readonly ScheduleView[] => {
    const time = now()
    const all = runs.list()
    return planned.map((one) => {
      const { schedule } = one
      return viewSchedule(schedule, {
        keys: keysOf(one, time),
        last: lastRunOf(schedule, all),
        halted: haltedUntil(schedule, all),
        time,
      })
    })
  }

  return {
    look() {
      const time = now()
      for (const one of planned) lookAt(one, time)
    },
    list,
    next: () => new Map(list().flatMap(({ keys }) => keys.map(({ key, next }) => [key, next]))),
  }
}

interface Planned {
  readonly schedule: Schedule
  readonly placed: readonly PlacedKey[]
  /** Returns the first moment from one on in which it may begin. */
  readonly opening: (at: number) => number | undefined
}

/** A key belongs to the first schedule that selects it. */
function assign(
  schedules: readonly Schedule[],
  targets: RotateParts['access']['targets'],
  freezes: Freezes,
): readonly Planned[] {
  const free = new Set(placeKeys(targets).map(({ key }) => key))
  return schedules.map((schedule) => {
    const found = select(targets, schedule.selection)
    const placed = found.kind === 'selected' ? found.keys.filter(({ key }) => free.delete(key)) : []
    const hours = schedule.hours === undefined ? undefined : createWeekly(schedule.hours)
    return { schedule, placed, opening: remembering((at) => openingFrom(at, { freezes, hours })) }
  })
}

/** Calendars are slow, and asked about the same moments again and again. */
function remembering(find: Planned['opening']): Planned['opening'] {
  const found = new Map<number, number | undefined>()
  return (at) => {
    if (found.has(at)) return found.get(at)
    if (found.size >= MOST_REMEMBERED) found.clear()
    const value = find(at)
    found.set(at, value)
    return value
  }
}

function lastRunOf({ name }: Schedule, runs: readonly RotationRun[]): RotationRun | undefined {
  const own = runs.filter(({ schedule }) => schedule === name)
  // One that goes on counts, whatever came after it.
  return own.findLast(underWay) ?? own.toSorted(byStart).at(-1)
}

function byStart(one: RotationRun, other: RotationRun): number {
  return Date.parse(one.startedAt) - Date.parse(other.startedAt)
}

function underWay(run: RotationRun | undefined): RotationRun | undefined {
  return run?.state === 'running' || run?.state === 'paused' ? run : undefined
}

/** Until when a schedule begins nothing, since its last run did not come to its end. */
function haltedUntil(schedule: Schedule, runs: readonly RotationRun[]): number | undefined {
  const last = lastRunOf(schedule, runs)
  if (last?.endedAt === undefined || last.state === 'done') return undefined
  return Date.parse(last.endedAt) + pauseOf(schedule)
}

function failedIn(run: RotationRun | undefined): ReadonlySet<string> {
  const failed = run?.units.filter(({ problem }) => problem !== undefined) ?? []
  return new Set(failed.map(({ key }) => key))
}
