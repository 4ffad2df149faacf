import { randomUUID } from 'node:crypto'
import {
  hasEnded,
  type RotationRun,
  type RotationStore,
  type RunUnit,
} from '@sallyport/keys/rotation'
import type { Freezes, Frozen } from '../calendar/index.ts'
import type { KeyOutcome, RotateOptions } from './rotate-key.ts'
import { startFleet, type Fleet, type FleetParts } from './fleet.ts'

export interface RunParts extends Pick<FleetParts, 'sleepUntil' | 'report' | 'now'> {
  readonly rotate: (key: string, options: RotateOptions) => Promise<KeyOutcome>
  readonly store: RotationStore
  readonly freezes: Freezes
}

/** What somebody asks for; the rest of a run follows from it. */
export type NewRun = Pick<
  RotationRun,
  'by' | 'stopAfter' | 'schedule' | 'type' | 'despiteFreeze'
> & { readonly keys: readonly string[] }

/** The runs of one data folder. */
export interface Runs {
  list(): readonly RotationRun[]
  get(id: string): RotationRun | undefined
  /** Resolves once the run is on the disk: who is told of it finds it again. Rejects when it cannot be written. */
  begin(asked: NewRun): Promise<RotationRun>
  steer(id: string, how: 'pause' | 'resume' | 'cancel', by: string): RotationRun | undefined
  /** Returns the freeze in which a run waits. */
  frozen(run: RotationRun): Frozen | undefined
  /** Goes on with those that a restart interrupted; in the others nothing is under way any more. */
  resumeAll(): Promise<void>
  /** Begins no further key, and waits for those that are worked on. */
  close(): Promise<void>
}

/** Returns the runs as they were left. Only those that are under way are kept in memory. */
export function createRuns(parts: RunParts): Runs {
  const { store, freezes, now, report } = parts
  const fleets = new Map<string, Fleet>()
  const beginning = new Map<string, RotationRun>()
  let closing = false

  const freezeOf = ({ despiteFreeze }: RotationRun): Frozen | undefined => {
    const frozen = freezes.at(now())
    // One that ends later is another one, also when it began meanwhile.
    const isPassed = despiteFreeze !== undefined && frozen !== undefined
    return isPassed && frozen.until <= Date.parse(despiteFreeze.until) ? undefined : frozen
  }
  const get = (id: string): RotationRun | undefined =>
    fleets.get(id)?.run ?? store.runs().find((run) => run.id === id)
  /** What has come to rest is on the disk, unless it could not be written. */
  const forget = (id: string, fleet: Fleet): void => {
    const { idle } = fleet
    void idle.then(() => {
      if (fleet.idle !== idle) return forget(id, fleet)
      const kept = store.runs().find((run) => run.id === id)
      const rests = fleet.run.state !== 'running' && kept?.state === fleet.run.state
      if (rests && fleets.get(id) === fleet) fleets.delete(id)
    })
  }
  const launch = (run: RotationRun): Fleet => {
    const fleet = startFleet(run, {
      ...parts,
      rotate: (key, { by, type }, mayBegin) => parts.rotate(key, { by, type, mayBegin }),
      save: (one) => store.saveRun(one),
      frozen: (key, one) => {
        const rotation = store.ofKey(key)
        const half = rotation !== undefined && !hasEnded(rotation)
        return half ? undefined : freezeOf(one)
      },
    })
    fleets.set(run.id, fleet)
    forget(run.id, fleet)
    return fleet
  }

  return {
    list() {
      const written = store.runs().filter(({ id }) => !fleets.has(id) && !beginning.has(id))
      return [...written, ...beginning.values(), ...[...fleets.values()].map(({ run }) => run)]
    },
    get,
    async begin({ keys, ...asked }) {
      const run: RotationRun = {
        id: randomUUID(),
        startedAt: new Date(now()).toISOString(),
        state: 'running',
        units: keys.map((key) => ({ key, state: 'waiting' })),
        ...asked,
      }
      const { units: _, state: __, id, ...detail } = run
      report('rotation.run-began', { run: id, ...detail, keys })
      beginning.set(id, run)
      try {
        await store.saveRun(run)
      } catch (error) {
        report('rotation.run-not-written', { run: id, error })
        throw error
      } finally {
        beginning.delete(id)
      }
      // It goes on by itself after the next start.
      if (!closing) launch(run)
      return run
    },
    steer(id, how, by) {
      const run = get(id)
      if (run === undefined) return undefined
      report(`rotation.run-${how}`, { run: id, by })
      const fleet = fleets.get(id) ?? launch(run)
      fleet[how]()
      // It may have work again, or nothing more to do.
      forget(id, fleet)
      return fleet.run
    },
    frozen(run) {
      const waits = run.state === 'running' && run.units.some(({ state }) => state === 'waiting')
      return waits ? freezeOf(run) : undefined
    },
    async resumeAll() {
      const left = store.runs()
      for (const run of left) if (run.state === 'running') launch(run)
      for (const run of left)
        if (run.state !== 'running' && run.units.some(isWorkedOn))
          await store.saveRun(interrupted(run)).catch((error: unknown) => {
            report('rotation.run-not-written', { run: run.id, error })
          })
    },
    async close() {
      closing = true
      const open = [...fleets.values()]
      for (const fleet of open) fleet.leave()
      await Promise.all(open.map(({ idle }) => idle))
    },
  }
}

function isWorkedOn({ state }: RunUnit): boolean {
  return state === 'running'
}

function interrupted(run: RotationRun): RotationRun {
  const problem = 'a restart interrupted it; its last rotation shows what became of it'
  const units = run.units.map((unit): RunUnit =>
    isWorkedOn(unit) ? { key: unit.key, state: 'unfinished', problem } : unit,
  )
  return { ...run, units }
}
