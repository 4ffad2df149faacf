import { randomBytes } from 'node:crypto'
import { createAlarm, nodeTimer, type SetTimer } from './alarm.ts'
import type { Approver } from './approver.ts'
import type { ApprovalAsk, Asked, Grant, GrantEnd } from './ask.ts'
import { detailOf, detailOfApprover, detailOfGrant } from './audit-detail.ts'
import { endTicket, type ApprovalContext } from './context.ts'
import { decide } from './decide.ts'
import { matchesGrant, matchesTicket, type Match } from './match.ts'
import { putAsk } from './put.ts'
import { cleanReason } from './reason.ts'
import type { ApprovalAudit, Notifier } from './roles.ts'
import type { Most } from './room.ts'
import { openStore, type ApprovalStore } from './store/open-store.ts'
import type { Ticket } from './ticket.ts'
import type { Decided, Verdict } from './verdict.ts'
import { createWaiting } from './waiting.ts'

export interface ApprovalsOptions {
  readonly file: string
  /** Where browsers reach the review app. */
  readonly externalUrl: string
  readonly audit: ApprovalAudit
  readonly notifier?: Notifier
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly random?: (size: number) => Uint8Array
  readonly setTimer?: SetTimer
  /** 20 commands of one identity and 500 in all, unless told. */
  readonly most?: Most
  /** Milliseconds for which ended tickets are kept; 90 days unless told. */
  readonly keepFor?: number
}

/** Held commands, the persons who decide on them, and the grants that they give. */
export interface Approvals {
  ask(ask: ApprovalAsk): Asked
  /** What waits, longest first. */
  list(): readonly Ticket[]
  /** What has ended, latest first. */
  ended(limit: number): readonly Ticket[]
  get(ticket: string): Ticket | undefined
  /** Throws what SQLite throws when the verdict cannot be written; then it does not count. */
  decide(ticket: string, approver: Approver, verdict: Verdict): Decided
  grants(): readonly Grant[]
  /** Ends a grant before its time; false when there is none. */
  revokeGrant(id: string, by: Approver, reason: string): boolean
  /** Ends what waits for a matching identity, and its grants. */
  revoke(match: Match, reason: string): { readonly pending: number; readonly grants: number }
  /** Calls back when a grant ends, in time or before; returns how to stop that. */
  onGrantEnded(callback: (end: GrantEnd) => void): () => void
  /** Calls back when what waits or what is granted at a target has changed; returns how to stop that. */
  subscribe(callback: (target: string) => void): () => void
  close(): void
}

const DAY = 24 * 60 * 60 * 1000

/**
 * Opens the approvals. What waited when the program ended is cancelled: the connection that would have run it is gone.
 * Grants live on. The caller closes. Throws what SQLite throws, also when another process has the file open.
 */
export function openApprovals(options: ApprovalsOptions): Approvals {
  const { audit, notifier, now, random = randomBytes, setTimer = nodeTimer } = options
  const { most = { perIdentity: 20, total: 500 }, keepFor = 90 * DAY } = options
  const store = openStore(options.file)
  const waiting = createWaiting()
  const watchers = new Set<(target: string) => void>()
  const grantWatchers = new Set<(end: GrantEnd) => void>()
  const page = new URL('/approvals/', options.externalUrl)
  const context: ApprovalContext = {
    store,
    waiting,
    audit,
    notifier,
    now,
    // With a dash in front a command line would take it for an option.
    newId: () => Buffer.from(random(18)).toString('base64url').replace(/^-/, '_'),
    linkOf: (ticket) => new URL(ticket, page).href,
    changed: (target) => watchers.forEach((callback) => callback(target)),
  }
  const alarm = createAlarm({ now, setTimer, ring })
  let isClosed = false
  endLeftovers(context, store)
  let forgottenAt = Number.NEGATIVE_INFINITY
  forget()
  for (const grant of store.grants.open()) alarm.by(grant.until)

  function forget(): void {
    const time = now()
    if (time < forgottenAt + DAY) return
    forgottenAt = time
    store.tickets.forget(time - keepFor)
    store.grants.forget(time - keepFor)
  }

  /** Ends what is due and returns when the next is. */
  function ring(): number | undefined {
    const time = now()
    for (const ticket of waiting.tickets()) {
      if (ticket.expiresAt <= time) endTicket(context, ticket, { state: 'expired', at: time })
    }
    try {
      forget()
      const open = store.grants.open()
      for (const grant of open)
        if (grant.until <= time) endGrant(grant, 'expired', 'its time is over')
      const ends = waiting.tickets().map((ticket) => ticket.expiresAt)
      ends.push(...open.map(({ until }) => until).filter((until) => until > time))
      return ends.length === 0 ? undefined : Math.min(...ends)
    } catch (error) {
      audit.write('approve.failed', { error })
      return time + 1000
    }
  }

  function endGrant(grant: Grant, why: GrantEnd['why'], reason: string, by: object = {}): boolean {
    if (!store.grants.end(grant.id, now(), reason)) return false
    const event = why === 'revoked' ? 'approve.grant-revoked' : 'approve.grant-ended'
    audit.write(event, { ...detailOfGrant(grant), reason, ...by })
    grantWatchers.forEach((callback) => callback({ grant, why }))
    context.changed(grant.target)
    return true
  }

  return {
    ask(ask) {
      if (isClosed) return { kind: 'rejected', message: 'the bastion is stopping' }
      const asked = putAsk(context, ask, most)
      if (asked.kind === 'pending') alarm.by(asked.expiresAt)
      return asked
    },
    list: () => waiting.tickets(),
    ended: (limit) => store.tickets.ended(limit),
    get: (ticket) => store.tickets.get(ticket),
    decide(id, approver, verdict) {
      const decided = decide(context, id, approver, verdict)
      if (decided.kind === 'approved' && decided.grantUntil !== undefined) {
        alarm.by(decided.grantUntil)
      }
      return decided
    },
    grants: () => store.grants.open().filter(({ until }) => until > now()),
    revokeGrant(id, by, reason) {
      const grant = store.grants.get(id)
      const kept = cleanReason(reason) ?? ''
      return grant !== undefined && endGrant(grant, 'revoked', kept, detailOfApprover(by))
    },
    revoke(match, reason) {
      const at = now()
      const tickets = waiting.tickets().filter(({ bound }) => matchesTicket(match, bound))
      const pending = tickets.filter((ticket) =>
        endTicket(context, ticket, { state: 'cancelled', at, reason }),
      )
      const open = store.grants.open().filter((grant) => matchesGrant(match, grant))
      const grants = open.filter((grant) => endGrant(grant, 'revoked', reason))
      return { pending: pending.length, grants: grants.length }
    },
    onGrantEnded: (callback) => added(grantWatchers, callback),
    subscribe: (callback) => added(watchers, callback),
    close() {
      if (isClosed) return
      isClosed = true
      alarm.stop()
      const reason = 'the bastion is stopping'
      for (const ticket of waiting.tickets()) {
        endTicket(context, ticket, { state: 'cancelled', at: now(), reason })
      }
      store.close()
    },
  }
}

function endLeftovers({ audit, now }: ApprovalContext, store: ApprovalStore): void {
  const reason = 'the bastion was restarted'
  for (const { id, bound } of store.tickets.open()) {
    store.tickets.end(id, { state: 'cancelled', at: now(), reason })
    audit.write('approve.cancelled', { ticket: id, ...detailOf(bound), reason })
  }
}

function added<T>(set: Set<T>, callback: T): () => void {
  set.add(callback)
  return () => void set.delete(callback)
}
