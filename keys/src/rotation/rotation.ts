import type { KeyPlace } from './place.ts'

/**
 * How far a place is. `adding`: the new key may stand there already. `added`: it does. `verified`: it was logged in with.
 * `removed`: the old one was taken out. `proved`: the old one was refused. `withdrawn`: the new one was taken out again.
 */
export type PlaceStep =
  'waiting' | 'adding' | 'added' | 'verified' | 'removed' | 'proved' | 'withdrawn'

export interface PlaceProgress extends KeyPlace {
  readonly step: PlaceStep
  /** Why it is no further. */
  readonly problem?: string
}

/**
 * `adding`: the old key is in use, and the new one is let in beside it. `removing`: the new one is in use, and the old one
 * is shut out. `withdrawing`: the new one is taken back. The last two are ends.
 */
export type Phase = 'adding' | 'removing' | 'withdrawing' | 'done' | 'withdrawn'

/** The change of one key from one version to another, wherever it lets in. */
export interface Rotation {
  readonly id: string
  /** The vault's name for the key. */
  readonly key: string
  readonly from: number
  readonly to: number
  readonly phase: Phase
  readonly places: readonly PlaceProgress[]
  /** Who asked for it. */
  readonly by: string
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly changedAt: string
  /** Why it was given up, or does not go on. */
  readonly problem?: string
}

/** Returns whether nothing is left to do. */
export function hasEnded({ phase }: Rotation): boolean {
  return phase === 'done' || phase === 'withdrawn'
}
