import { createHash } from 'node:crypto'
import type { ApprovalTerms, DecisionIdentity } from '../decide/index.ts'
import type { ApprovalAsk } from './ask.ts'
import { ruleKey } from './rule-key.ts'

/** All that approvers are shown and that is acted on; it never changes once the ticket exists. */
export interface Bound {
  readonly connectionId: string
  readonly recordingId: string
  readonly channel: number
  readonly identity: DecisionIdentity
  readonly serial?: string
  readonly target: string
  readonly login: string
  readonly clientAddress: string
  /** The rules, sorted and joined by commas. */
  readonly rule: string
  readonly terms: readonly ApprovalTerms[]
  readonly judged: boolean
  readonly commands: readonly (readonly string[])[]
  readonly title: string
  readonly variables: readonly string[]
  readonly before: readonly string[]
}

/** `approved` lasts only until the approval is spent, which makes it `used`. */
export type TicketState = 'pending' | 'approved' | 'used' | 'refused' | 'expired' | 'cancelled'

/** One person's yes. */
export interface Approval {
  readonly issuer: string
  readonly subject: string
  readonly name: string
  /** The name by which rules know this person. */
  readonly identity: string
  readonly groups: readonly string[]
  readonly at: number
  readonly reason: string
  /** Seconds for which this person lets it cover further commands; 0 for this one alone. */
  readonly grantSeconds: number
}

export interface Ticket {
  readonly id: string
  /** Names everything in `bound` and `send`: who decides on it has seen just this. */
  readonly digest: string
  readonly state: TicketState
  readonly askedAt: number
  readonly expiresAt: number
  readonly bound: Bound
  readonly send: Buffer
  readonly approvals: readonly Approval[]
  readonly endedAt?: number
  readonly endedBy?: string
  readonly endReason?: string
}

/** Earlier commands that approvers are shown. */
const MOST_BEFORE = 20
const LONGEST_BEFORE = 1024
const LONGEST_TITLE = 4096

/** Returns what a ticket for `ask` is bound to. */
export function boundOf(ask: ApprovalAsk): Bound {
  const { identity, held } = ask
  return {
    connectionId: ask.connectionId,
    recordingId: ask.recordingId,
    channel: ask.channel,
    identity: {
      name: identity.name,
      groups: identity.groups,
      claims: identity.claims,
      issuer: identity.issuer,
      subject: identity.subject,
    },
    ...(ask.serial === undefined ? {} : { serial: ask.serial.toString() }),
    target: ask.target,
    login: ask.login,
    clientAddress: ask.clientAddress,
    rule: ruleKey(held.rule),
    terms: held.terms,
    judged: held.judged,
    commands: held.commands,
    title: ask.title.slice(0, LONGEST_TITLE),
    variables: ask.variables,
    before: ask.before.slice(-MOST_BEFORE).map((text) => text.slice(0, LONGEST_BEFORE)),
  }
}

/** Returns the SHA-256 over a ticket's text of `Bound` and the bytes that would be sent. */
export function digestOf(boundText: string, send: Uint8Array): string {
  const length = Buffer.alloc(8)
  length.writeBigUInt64BE(BigInt(Buffer.byteLength(boundText)))
  return createHash('sha256').update(length).update(boundText).update(send).digest('hex')
}
