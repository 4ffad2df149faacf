import type { Awaitable, DeskPerson } from '../roles.ts'

/** One login at a target, as admins see it. */
export interface TargetRow {
  readonly target: string
  readonly login: string
  readonly labels: Readonly<Record<string, string>>
  /** The vault's name for the key. */
  readonly key: string
  readonly version: number
  /** Milliseconds since 1970, as all times here. */
  readonly createdAt: number
  readonly fingerprint: string
  /** When it was last logged in with, and what came of it. */
  readonly seen:
    { readonly at: number; readonly result: string; readonly problem?: string } | undefined
  readonly rotation: RotationRow | undefined
  /** What became of the key in the last run that it was in. */
  readonly run: RunRow | undefined
  /** When a schedule rotates the key; undefined without one. */
  readonly next: NextRow | undefined
}

/** A key in a run. */
export interface RunRow {
  readonly id: string
  readonly by: string
  readonly isUnderWay: boolean
  /** How far the key is in it. */
  readonly state: string
  readonly problem?: string
}

export interface NextRow {
  readonly schedule: string
  /** By its age. */
  readonly due?: number
  /** When it begins, by all that is known now. */
  readonly begins?: number
  /** What stands against it. */
  readonly blocked?: string
}

/** A time in which nothing is begun. */
export interface FreezeRow {
  readonly name: string
  readonly until: number
}

/** The last rotation of a key. */
export interface RotationRow {
  readonly phase: string
  readonly changedAt: number
  readonly problem?: string
  readonly places: readonly {
    readonly target: string
    readonly login: string
    readonly step: string
    readonly problem?: string
  }[]
}

/** What a dry run found at one place. */
export interface PlanRow {
  readonly target: string
  readonly login: string
  readonly found: readonly string[]
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
}

export type TargetAnswer<T> =
  ({ readonly kind: 'ok' } & T) | { readonly kind: 'refused'; readonly message: string }

/** The keys at the targets, as the page of admins needs them. */
export interface TargetDesk {
  list(): Awaitable<readonly TargetRow[]>
  /** Returns the freeze that is in force. */
  frozen(): Awaitable<FreezeRow | undefined>
  /** Calls back whenever any of the rows may have changed, until what is returned is called. */
  subscribe(callback: () => void): () => void
  /** Looks at each place of a key, and changes nothing. */
  plan(key: string): Awaitable<TargetAnswer<{ readonly places: readonly PlanRow[] }>>
  /** Begins to rotate a key; how it goes on is in `list`. */
  rotate(key: string, person: DeskPerson): Awaitable<TargetAnswer<{ readonly run: string }>>
}
