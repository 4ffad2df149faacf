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
 * Returns the keys that are still to do, in waves: one, then a tenth of all, then the rest. Those that were worked on
 * when it was interrupted come first.
 */
export function wavesOf({ units }: RotationRun): readonly (readonly string[])[] {
  const left = units
    .filter(({ state }) => state !== 'rotated')
    .toSorted((one, other) => Number(other.state === 'running') - Number(one.state === 'running'))
    .map(({ key }) => key)
  const rotated = units.length - left.length
  const canary = rotated > 0 ? 0 : 1
  const tenth = Math.max(0, Math.ceil(units.length / 10) - Math.max(0, rotated - 1))
  return [
    left.slice(0, canary),
    left.slice(canary, canary + tenth),
    left.slice(canary + tenth),
  ].filter((wave) => wave.length > 0)
}
