/**
 * A stretch of hostile text. `blank` is spaces; `odd` is what could pass for something else, characters outside ASCII
 * with their code points, or could not be seen at all, then `text` is a mark in its place.
 */
export interface Piece {
  readonly kind: 'plain' | 'blank' | 'odd'
  readonly text: string
  readonly codes?: string
}

export type HeldState = 'pending' | 'approved' | 'used' | 'refused' | 'expired' | 'cancelled'

/** What a decision on a held command is about; it never changes. */
export interface HeldFacts {
  readonly identity: string
  readonly issuer: string
  readonly subject: string
  readonly claims: Readonly<Record<string, unknown>>
  readonly target: string
  readonly login: string
  readonly clientAddress: string
  readonly recordingId: string
  readonly channel: number
  readonly rule: string
  readonly judged: boolean
  /** Commands, words, and the stretches of each word. */
  readonly argv: readonly (readonly (readonly Piece[])[])[]
  readonly lines: readonly (readonly Piece[])[]
  /** Variables that the agent has set, and the stretches of each. */
  readonly variables: readonly (readonly Piece[])[]
  readonly before: readonly string[]
}

/** How far it has come; times are milliseconds since 1970. */
export interface HeldProgress {
  readonly ticket: string
  /** Names all of the facts. */
  readonly digest: string
  readonly state: HeldState
  readonly askedAt: number
  readonly expiresAt: number
  readonly waitsFor: string
  readonly reasonRequired: boolean
  readonly grantSeconds: number
  readonly approvals: readonly HeldApproval[]
  readonly ended?: HeldEnd | undefined
  /** Why this person may not decide. */
  readonly barred?: string | undefined
}

export interface HeldRow extends HeldFacts, HeldProgress {}

export interface HeldEnd {
  readonly at: number
  readonly by?: string | undefined
  readonly reason?: string | undefined
}

export interface HeldApproval {
  readonly name: string
  readonly at: number
  readonly reason: string
  readonly grantSeconds: number
}

export interface HeldPage {
  readonly now: number
  /** Until when this person may decide without a new sign-in. */
  readonly freshUntil: number
  /** All that wait; `rows` may be fewer. */
  readonly total: number
  readonly rows: readonly HeldRow[]
}

/** Leave to pass a rule without asking, until a fixed time. */
export interface GrantRow {
  readonly id: string
  readonly rule: string
  readonly identity: string
  readonly target: string
  readonly login: string
  readonly until: number
  readonly by: readonly string[]
}

export type DecisionAnswer =
  | { readonly kind: 'approved'; readonly grantUntil?: number }
  | { readonly kind: 'waiting'; readonly waitsFor: string }
  | { readonly kind: 'refused' }
