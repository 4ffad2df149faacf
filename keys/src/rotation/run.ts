/** How far one key of a run is. */
export interface RunUnit {
  readonly key: string
  readonly state: 'waiting' | 'running' | 'rotated' | 'refused' | 'unfinished'
  readonly problem?: string
}

/** The rotation of many keys, one after another in waves. */
export interface RotationRun {
  readonly id: string
  readonly by: string
  /** ISO 8601, UTC. */
  readonly startedAt: string
  /** `stopped`: too many failed. Only `running` goes on by itself; `done` and `cancelled` are ends. */
  readonly state: 'running' | 'paused' | 'stopped' | 'cancelled' | 'done'
  /** Failures after which it stops. */
  readonly stopAfter: number
  readonly units: readonly RunUnit[]
  /** The schedule that asked for it; nobody did when there is one. */
  readonly schedule?: string
  /** What the new keys are: ed25519 unless told. */
  readonly type?: RunKeyType
  /** Until when it goes on in a freeze, and why. */
  readonly despiteFreeze?: { readonly reason: string; readonly until: string }
  /** ISO 8601, UTC: when it stopped, was cancelled or done. */
  readonly endedAt?: string
}

export type RunKeyType = 'ed25519' | 'ecdsa' | 'rsa'

/**
 * Returns the keys that are still to do, in waves: those that were worked on when it was interrupted, then one, then a
 * tenth of all, then the rest.
 */
export function wavesOf({ units }: RotationRun): readonly (readonly string[])[] {
  const keysOf = (is: (state: RunUnit['state']) => boolean): readonly string[] =>
    units.filter(({ state }) => is(state)).map(({ key }) => key)
  const interrupted = keysOf((state) => state === 'running')
  const left = keysOf((state) => state !== 'running' && state !== 'rotated')
  const begun = units.length - left.length
  const canary = begun > 0 ? 0 : 1
  const tenth = Math.max(0, Math.ceil(units.length / 10) - Math.max(0, begun - 1))
  return [
    interrupted,
    left.slice(0, canary),
    left.slice(canary, canary + tenth),
    left.slice(canary + tenth),
  ].filter((wave) => wave.length > 0)
}
