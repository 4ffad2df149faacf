import type { RotationRun } from '@sallyport/keys/rotation'
import type { WhenPattern } from '../../decide/match/index.ts'
import type { Selection } from '../places.ts'
import type { Schedule } from './schedule.ts'
import type { ScheduledKey } from './scheduled-key.ts'

/** When a schedule rotates a key. All times are ISO 8601, UTC. */
export interface NextRotation {
  readonly schedule: string
  /** By its age; undefined where the vault has no such key. */
  readonly due?: string
  /** When it begins, by all that is known now; undefined while something stands against it. */
  readonly begins?: string
  /** What stands against it. */
  readonly blocked?: string
}

/** A schedule as people see it. Spans are seconds. */
export interface ScheduleView {
  readonly name: string
  readonly every: number
  readonly jitter: number
  readonly stopAfter: number
  readonly type: string
  /** All keys, when it is empty. */
  readonly selection: Selection
  readonly hours?: WhenPattern
  /** Its run that goes on, or is paused. */
  readonly run?: string
  /** Until when it begins nothing, and the run after which. */
  readonly halted?: { readonly until: string; readonly run: string }
  readonly keys: readonly { readonly key: string; readonly next: NextRotation }[]
}

export interface ScheduleNow {
  readonly keys: readonly ScheduledKey[]
  /** Its last run. */
  readonly last: RotationRun | undefined
  /** Milliseconds since 1970, as `time`. */
  readonly halted: number | undefined
  readonly time: number
}

/** Returns a schedule with its keys, those that begin first before the others. */
export function viewSchedule(schedule: Schedule, now: ScheduleNow): ScheduleView {
  const { name, every, jitter, stopAfter, type, hours, selection } = schedule
  const { keys, last, halted, time } = now
  const underWay = last !== undefined && (last.state === 'running' || last.state === 'paused')
  const sorted = keys.toSorted(
    (one, other) => (one.begins ?? one.due) - (other.begins ?? other.due),
  )
  return {
    name,
    every: every / 1000,
    jitter: jitter / 1000,
    stopAfter,
    type,
    ...(hours === undefined ? {} : { hours }),
    selection,
    ...(underWay ? { run: last.id } : {}),
    ...(last === undefined || halted === undefined || halted <= time
      ? {}
      : { halted: { until: isoOf(halted), run: last.id } }),
    keys: sorted.map((one) => ({ key: one.placed.key, next: nextOf(name, one) })),
  }
}

function nextOf(schedule: string, { entry, due, begins, blocked }: ScheduledKey): NextRotation {
  return {
    schedule,
    ...(entry === undefined ? {} : { due: isoOf(due) }),
    ...(begins === undefined ? {} : { begins: isoOf(begins) }),
    ...(blocked === undefined ? {} : { blocked: blocked.reason }),
  }
}

function isoOf(at: number): string {
  return new Date(at).toISOString()
}
