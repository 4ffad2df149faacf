import type { RotationRun } from '@sallyport/keys/rotation'
import type { Frozen } from '@sallyport/bastion/calendar'
import { startFleet, type Fleet, type KeyOutcome } from '@sallyport/bastion/rotate'

/** A fleet whose keys are rotated when a test says so. */
export interface Rig {
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
export const half: Set<string> = new Set()
const rotation = {} as never
const outcomes: Readonly<Record<KeyOutcome['kind'], KeyOutcome>> = {
  rotated: { kind: 'rotated', rotation },
  refused: { kind: 'refused', problem: 'no' },
  held: { kind: 'held', problem: 'not begun' },
  unfinished: { kind: 'unfinished', rotation, problem: 'not yet' },
}
/** Returns the names of so many keys. */
export function keysOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `k${at}`)
}

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

/** Returns a run of so many keys, none of which was begun. */
export function runOf(count: number, stopAfter = 3): RotationRun {
  return {
    id: 'run',
    by: 'ann',
    startedAt: '',
    state: 'running',
    stopAfter,
    units: keysOf(count).map((key) => ({ key, state: 'waiting' })),
  }
}

/** Begins a run, and lets it go as far as it goes by itself. */
export async function begin(run: RotationRun, frozen?: Frozen): Promise<Rig> {
  const rig = openRig(run, frozen)
  await rig.finish('nobody')
  return rig
}
