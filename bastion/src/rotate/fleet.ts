import { wavesOf, type RotationRun, type RunUnit } from '@sallyport/keys/rotation'
import type { KeyOutcome } from './rotate-key.ts'

/** Keys that are rotated at the same time. */
const ABREAST = 10

export interface FleetParts {
  /** Rotates one key, or goes on with it. */
  readonly rotate: (key: string, by: string) => Promise<KeyOutcome>
  /** Writes a run down. */
  readonly save: (run: RotationRun) => Promise<void>
  readonly report: (event: string, detail: Readonly<Record<string, unknown>>) => void
}

/** A run that is under way. */
export interface Fleet {
  readonly run: RotationRun
  /** Begins no further key, until it is resumed. */
  pause(): void
  resume(): void
  /** Begins no further key, for good. */
  cancel(): void
  /** Resolves when no key is worked on any more; it may be resumed after that. */
  readonly idle: Promise<void>
}

/**
 * Goes on with a run, if it is one that goes on by itself; another one may be resumed. Rotates the keys in waves: one as a canary, then a tenth, then the rest. A wave begins when all of the one
 * before it were rotated or failed; nothing more begins after `stopAfter` failures, or when the canary failed.
 */
export function startFleet(begun: RotationRun, parts: FleetParts): Fleet {
  const { rotate, save, report } = parts
  let run = begun
  let failures = 0
  let idle: Promise<void> = Promise.resolve()

  const keep = (changed: RotationRun): Promise<void> => {
    run = changed
    return save(changed)
  }
  const settle = (state: RotationRun['state']): void => {
    report(`rotation.run-${state}`, { run: run.id, failures })
    keep({ ...run, state }).catch((error: unknown) =>
      report('rotation.run-not-written', { run: run.id, error }),
    )
  }
  const unit = (changed: RunUnit): Promise<void> =>
    keep({
      ...run,
      units: run.units.map((one) => (one.key === changed.key ? changed : one)),
    })
  const rotateOne = async (key: string): Promise<void> => {
    await unit({ key, state: 'running' })
    const outcome = await rotate(key, run.by).catch((error: unknown): KeyOutcome => ({
      kind: 'refused',
      problem: error instanceof Error ? error.message : String(error),
    }))
    if (outcome.kind === 'rotated') return unit({ key, state: 'rotated' })
    failures += 1
    await unit({ key, state: outcome.kind, problem: outcome.problem })
  }
  const work = async (): Promise<void> => {
    if (run.state !== 'running') return
    for (const wave of wavesOf(run)) {
      const canary = run.units.every(({ state }) => state !== 'rotated')
      const left = [...wave]
      const worker = async (): Promise<void> => {
        for (;;) {
          const key = run.state === 'running' ? left.shift() : undefined
          if (key === undefined) return
          await rotateOne(key)
          if (failures >= (canary ? 1 : run.stopAfter) && run.state === 'running') settle('stopped')
        }
      }
      await Promise.all(Array.from({ length: Math.min(ABREAST, wave.length) }, worker))
      if (run.state !== 'running') return
    }
    const left = run.units.filter(({ state }) => state !== 'rotated').length
    settle(left === 0 ? 'done' : 'stopped')
  }
  const go = (): void => {
    idle = idle.then(work).catch((error: unknown) => {
      report('rotation.run-failed', { run: run.id, error })
    })
  }
  go()
  return {
    get run() {
      return run
    },
    pause: () => {
      if (run.state === 'running') settle('paused')
    },
    resume: () => {
      if (run.state !== 'paused' && run.state !== 'stopped') return
      failures = 0
      settle('running')
      go()
    },
    cancel: () => {
      if (run.state !== 'done') settle('cancelled')
    },
    get idle() {
      return idle
    },
  }
}
