import { wavesOf, type RotationRun, type RunUnit } from '@sallyport/keys/rotation'
import type { Frozen } from '../calendar/index.ts'
import type { KeyOutcome } from './rotate-key.ts'

/** Keys that are rotated at the same time. */
const ABREAST = 10

export interface FleetParts {
  /** Rotates one key, or goes on with it. */
  readonly rotate: (key: string, run: RotationRun, mayBegin: () => boolean) => Promise<KeyOutcome>
  /** Returns the freeze in which a key of a run must not be begun now. */
  readonly frozen: (key: string, run: RotationRun) => Frozen | undefined
  /** Resolves at a moment, or somewhat before, or when the signal comes. */
  readonly sleepUntil: (at: number, signal: AbortSignal) => Promise<void>
  /** Milliseconds since 1970. */
  readonly now: () => number
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
  /** Begins no further key; it stays one that goes on by itself after a restart. */
  leave(): void
  /** Resolves when no key is worked on any more and all is written down; it may be resumed after that. */
  readonly idle: Promise<void>
}

/**
 * Goes on with a run, if it is one that goes on by itself; another one may be resumed. Rotates the keys in waves: one as
 * a canary, then a tenth, then the rest. A wave begins when all of the one before it were rotated or failed; nothing more
 * begins after `stopAfter` failures, or when the canary failed, and nothing in a freeze until its end.
 */
export function startFleet(begun: RotationRun, parts: FleetParts): Fleet {
  const { rotate, save, report, frozen, sleepUntil, now } = parts
  let run = begun
  let failures = 0
  let left = false
  let idle: Promise<void> = Promise.resolve()
  let halted = new AbortController()
  let told: Frozen | undefined

  const keep = (changed: RotationRun): Promise<void> => {
    run = changed
    return save(changed)
  }
  const settle = (state: RotationRun['state']): void => {
    report(`rotation.run-${state}`, { run: run.id, failures })
    const { endedAt: _, ...rest } = run
    const ended = state === 'running' || state === 'paused' ? {} : { endedAt: isoOf(now()) }
    const written = keep({ ...rest, ...ended, state }).catch((error: unknown) =>
      report('rotation.run-not-written', { run: run.id, error }),
    )
    idle = idle.then(() => written)
    if (state !== 'running') halted.abort()
  }
  const unit = (changed: RunUnit): Promise<void> =>
    keep({
      ...run,
      units: run.units.map((one) => (one.key === changed.key ? changed : one)),
    })

  /** Resolves when a key may be begun, or no key is begun any more. */
  const thawed = async (key: string, goesOn: () => boolean): Promise<void> => {
    let waited = false
    for (;;) {
      const freeze = goesOn() ? frozen(key, run) : undefined
      if (freeze === undefined) break
      if (told?.until !== freeze.until) {
        told = freeze
        const { name, until } = freeze
        report('rotation.run-frozen', { run: run.id, freeze: name, until: isoOf(until) })
      }
      waited = true
      await sleepUntil(freeze.until, halted.signal)
    }
    if (!waited || told === undefined || !goesOn()) return
    report('rotation.run-thawed', { run: run.id, freeze: told.name })
    told = undefined
  }
  /** Returns whether it was begun. */
  const rotateOne = async (key: string, goesOn: () => boolean): Promise<boolean> => {
    await unit({ key, state: 'running' })
    const mayBegin = (): boolean => goesOn() && frozen(key, run) === undefined
    const outcome = await rotate(key, run, mayBegin).catch((error: unknown): KeyOutcome => ({
      kind: 'refused',
      problem: error instanceof Error ? error.message : String(error),
    }))
    switch (outcome.kind) {
      case 'held':
        await unit({ key, state: 'waiting' })
        return false
      case 'rotated':
        await unit({ key, state: 'rotated' })
        return true
      case 'refused':
      case 'unfinished':
        failures += 1
        await unit({ key, state: outcome.kind, problem: outcome.problem })
        return true
    }
  }
  const work = async (): Promise<void> => {
    // What was halted stays halted, and its late failures count no more: who resumes the run has another pass begin
    // when this one has ended.
    const own = halted
    const goesOn = (): boolean => run.state === 'running' && !left && halted === own
    if (!goesOn()) return
    failures = 0
    for (const wave of wavesOf(run)) {
      const canary = run.units.every(({ state }) => state !== 'rotated')
      const keys = [...wave]
      const worker = async (): Promise<void> => {
        for (let key = keys.shift(); key !== undefined; key = keys.shift()) {
          do {
            await thawed(key, goesOn)
            if (!goesOn()) return
          } while (!(await rotateOne(key, goesOn)))
          if (failures >= (canary ? 1 : run.stopAfter) && goesOn()) settle('stopped')
        }
      }
      await Promise.all(Array.from({ length: Math.min(ABREAST, wave.length) }, worker))
      if (!goesOn()) return
    }
    const failed = run.units.filter(({ state }) => state !== 'rotated').length
    settle(failed === 0 ? 'done' : 'stopped')
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
      halted = new AbortController()
      settle('running')
      go()
    },
    cancel: () => {
      if (run.state !== 'done') settle('cancelled')
    },
    leave: () => {
      left = true
      halted.abort()
    },
    get idle() {
      return idle
    },
  }
}

function isoOf(at: number): string {
  return new Date(at).toISOString()
}
