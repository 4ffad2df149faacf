import type { RecordingStatus } from './rows.ts'

/** Whose recordings somebody may see: everything, or what was recorded of the targets named. */
export type Scope =
  { readonly kind: 'all' } | { readonly kind: 'targets'; readonly targets: readonly string[] }

/** How a command of a recording was decided on. */
export type DecisionKind = 'allowed' | 'denied' | 'held' | 'not-judged'

/** A claim that must have been carried with exactly this value. */
export interface ClaimFilter {
  readonly name: string
  readonly value: string
}

/**
 * What a recording must be to be listed; all that is given must hold. `kind` and `exit` look at its
 * channels, `decision` and `rule` at its commands, and one of them is enough. Times are milliseconds.
 */
export interface RecordingFilters {
  readonly agent?: string | undefined
  readonly target?: string | undefined
  readonly login?: string | undefined
  readonly status?: RecordingStatus | undefined
  readonly kind?: string | undefined
  readonly decision?: DecisionKind | undefined
  readonly rule?: string | undefined
  readonly exit?: number | 'failed' | 'signal' | undefined
  readonly claims?: readonly ClaimFilter[] | undefined
  /** Started at this moment or later. */
  readonly from?: number | undefined
  /** Started before this moment. */
  readonly to?: number | undefined
  /** Had started and had not ended at this moment. */
  readonly activeAt?: number | undefined
}

/** Which part of a list is wanted; without a scope everything may be seen. */
export interface ListQuery {
  readonly limit: number
  /** The cursor of an earlier page. */
  readonly before?: string | undefined
  readonly filters?: RecordingFilters | undefined
  readonly scope?: Scope | undefined
}
