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
    | {
        readonly at: number
        readonly result: string
        readonly problem?: string
      }
    | undefined
  readonly rotation: RotationRow | undefined
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
