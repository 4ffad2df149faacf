import { longestGrant, needsReason, type Grant } from './ask.ts'
import { barOf, isMet, waitsFor, type Approver } from './approver.ts'
import { detailOf, detailOfApprover, detailOfGrant } from './audit-detail.ts'
import { endTicket, type ApprovalContext } from './context.ts'
import { LONGEST_REASON, cleanReason } from './reason.ts'
import { coverOf } from './store/grants.ts'
import type { Ticket } from './ticket.ts'
import { rejected, type Decided, type Rejected, type Verdict } from './verdict.ts'

/** Takes one person's verdict on one ticket. */
export function decide(
  context: ApprovalContext,
  id: string,
  approver: Approver,
  verdict: Verdict,
): Decided {
  const ticket = context.store.tickets.get(id)
  if (ticket === undefined) return rejected('unknown', 'There is no such request.')
  const checked = check(context, ticket, approver, verdict)
  if (typeof checked !== 'string') {
    const { code, message } = checked
    const detail = { ticket: id, ...detailOf(ticket.bound), ...detailOfApprover(approver) }
    context.audit.write('approve.rejected', { ...detail, verdict: verdict.verdict, code, message })
    return checked
  }
  return verdict.verdict === 'refuse'
    ? refuse(context, ticket, approver, checked)
    : approve(context, ticket, approver, verdict, checked)
}

/** Returns the reason as it is kept, or why the verdict does not count. */
function check(
  context: ApprovalContext,
  ticket: Ticket,
  approver: Approver,
  { verdict, digest, reason, grantSeconds }: Verdict,
): string | Rejected {
  const { bound } = ticket
  const bar = barOf(bound, approver)
  if (bar !== undefined) return rejected(bar.code, bar.message)
  const isOpen = ticket.state === 'pending' && context.waiting.has(ticket.id)
  if (!isOpen || ticket.expiresAt <= context.now()) {
    return rejected('ended', 'This request has ended already.')
  }
  if (digest !== ticket.digest) {
    return rejected('other-digest', 'What you were shown is not what would run. Load it again.')
  }
  const kept = cleanReason(reason)
  if (kept === undefined) {
    return rejected('reason-too-long', `A reason has at most ${LONGEST_REASON} bytes.`)
  }
  if (verdict === 'refuse') return kept
  if (kept === '' && needsReason(bound.terms)) {
    return rejected('reason-missing', `Rule ${bound.rule} wants a reason.`)
  }
  const most = longestGrant(bound)
  if (!Number.isInteger(grantSeconds) || grantSeconds < 0 || grantSeconds > most) {
    const rest = most === 0 ? 'each command is asked for anew' : `at most ${most} seconds`
    return rejected('grant-too-long', `Under rule ${bound.rule}: ${rest}.`)
  }
  return kept
}

function refuse(
  context: ApprovalContext,
  ticket: Ticket,
  approver: Approver,
  reason: string,
): Decided {
  const end = { state: 'refused', at: context.now(), by: approver.name, reason } as const
  return endTicket(context, ticket, end, detailOfApprover(approver))
    ? { kind: 'refused' }
    : rejected('ended', 'This request has ended already.')
}

function approve(
  context: ApprovalContext,
  ticket: Ticket,
  approver: Approver,
  { grantSeconds }: Verdict,
  reason: string,
): Decided {
  const { store, audit, now } = context
  const { id, bound } = ticket
  const { issuer, subject, name, identity, groups } = approver
  const at = now()
  const approval = { issuer, subject, name, identity, groups, at, reason, grantSeconds }
  const approvals = [...ticket.approvals, approval]
  const met = isMet(bound.terms, approvals)
  const result = store.atomic(() => {
    if (!store.tickets.addApproval(id, approval)) return 'repeated'
    return met && !store.tickets.approve(id, at) ? 'ended' : 'counted'
  })
  if (result === 'repeated') return rejected('repeated', 'You have approved this already.')
  if (result === 'ended') return rejected('ended', 'This request has ended already.')
  const missing = waitsFor(bound.terms, approvals)
  const detail = { ticket: id, ...detailOf(bound), ...detailOfApprover(approver) }
  audit.write('approve.approved', { ...detail, reason, grantSeconds, missing })
  if (met) return spend(context, { ...ticket, approvals })
  context.waiting.update({ ...ticket, approvals })
  context.changed(bound.target)
  return { kind: 'waiting', waitsFor: missing }
}

/** Uses the approval up, on disk, and only then lets the command go. */
function spend(context: ApprovalContext, ticket: Ticket): Decided {
  const { store, waiting, audit, notifier, now } = context
  const { id, bound, approvals } = ticket
  const at = now()
  let isUsed = false
  let grant: Grant | undefined
  try {
    grant = grantOf(context, ticket, at)
    isUsed = store.atomic(() => {
      if (!store.tickets.use(id, at)) return false
      if (grant !== undefined) store.grants.add(grant, coverOf(bound))
      return true
    })
  } catch (error) {
    audit.write('approve.failed', { ticket: id, error })
  }
  if (!isUsed) {
    const reason = 'the approval could not be stored as it was given'
    endTicket(context, ticket, { state: 'cancelled', at, reason })
    return rejected('ended', 'The approval could not be stored, so nothing was run.')
  }
  const by = approvals.map(({ name }) => name)
  audit.write('approve.used', { ticket: id, digest: ticket.digest, ...detailOf(bound), by })
  if (grant !== undefined) audit.write('approve.granted', detailOfGrant(grant))
  const granted = grant === undefined ? {} : { grant }
  waiting.settle(id, { kind: 'approved', by, send: ticket.send, ...granted })
  notifier?.notify('approved', ticket, context.linkOf(id))
  context.changed(bound.target)
  return { kind: 'approved', ...(grant === undefined ? {} : { grantUntil: grant.until }) }
}

/** A grant takes as many persons as the command itself, and lasts as long as the most careful of them said. */
function grantOf(context: ApprovalContext, ticket: Ticket, at: number): Grant | undefined {
  const { bound, approvals } = ticket
  const seconds = Math.min(longestGrant(bound), ...approvals.map((each) => each.grantSeconds))
  if (seconds <= 0) return undefined
  const { name, issuer, subject } = bound.identity
  return {
    id: context.newId(),
    ticket: ticket.id,
    rule: bound.rule,
    identity: { name, issuer, subject },
    target: bound.target,
    login: bound.login,
    since: at,
    until: at + seconds * 1000,
    by: approvals.map((each) => each.name),
    endsSessions: bound.terms.some((terms) => terms.endsSessions),
  }
}
