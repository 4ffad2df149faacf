import type { ApprovalTerms, DecisionIdentity, Held } from '../decide/index.ts'

/** A command that a rule holds until people have agreed to it. */
export interface ApprovalAsk {
  readonly connectionId: string
  readonly recordingId: string
  readonly channel: number
  readonly identity: DecisionIdentity
  /** The serial of the certificate, so that revoking it ends what waits under it. */
  readonly serial?: bigint
  readonly target: string
  /** The upstream account. */
  readonly login: string
  readonly clientAddress: string
  readonly held: Held
  /** The command as people read it. */
  readonly title: string
  /** What the agent has set for the session, as NAME=value. */
  readonly variables: readonly string[]
  /** Earlier commands of this connection, oldest first. */
  readonly before: readonly string[]
}

/** What asking led to. Only `pending` waits. */
export type Asked =
  | Pending
  | { readonly kind: 'granted'; readonly send: Buffer; readonly grant: Grant }
  | { readonly kind: 'rejected'; readonly message: string }

/** A held command that waits for people. */
export interface Pending {
  readonly kind: 'pending'
  readonly ticket: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
  /** Where approvers decide. */
  readonly link: string
  /** Who is still needed, for the agent: `sre (0 of 2)`. */
  readonly waitsFor: string
  /** Resolves exactly once, and never rejects. */
  readonly outcome: Promise<Outcome>
  /** Ends the wait because the agent has left, or the like; without effect once it has ended. */
  cancel(reason: string): void
}

/** How the wait ended. An approval is spent before anybody hears of it, so it cannot be used again. */
export type Outcome =
  | {
      readonly kind: 'approved'
      /** The names of those who approved. */
      readonly by: readonly string[]
      /** The bytes that they approved, as they were stored. */
      readonly send: Buffer
      /** What further commands run under, when they granted more than this one. */
      readonly grant?: Grant
    }
  | { readonly kind: 'refused'; readonly by: string; readonly reason: string }
  | { readonly kind: 'expired' }
  | { readonly kind: 'cancelled'; readonly reason: string }

/** Leave for one identity, until a fixed time, to pass the same rules at the same target without asking. */
export interface Grant {
  readonly id: string
  readonly ticket: string
  /** The rules that it stands for, sorted and joined by commas. */
  readonly rule: string
  readonly identity: Pick<DecisionIdentity, 'name' | 'issuer' | 'subject'>
  readonly target: string
  readonly login: string
  readonly since: number
  /** Milliseconds since 1970; it ends then, whenever the session under it began. */
  readonly until: number
  readonly by: readonly string[]
  /** Whether what runs under it ends when it is revoked. */
  readonly endsSessions: boolean
}

/** A grant that is over. */
export interface GrantEnd {
  readonly grant: Grant
  readonly why: 'expired' | 'revoked'
}

/** Seconds for which an approval may cover further commands: the least that any of the rules allows. */
export function longestGrant(held: Pick<Held, 'judged' | 'terms'>): number {
  if (!held.judged || held.terms.length === 0) return 0
  return Math.min(...held.terms.map(({ grant }) => grant))
}

/** Whether an approver must say why. */
export function needsReason(terms: readonly ApprovalTerms[]): boolean {
  return terms.some(({ reasonRequired }) => reasonRequired)
}
