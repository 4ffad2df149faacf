import type { ApprovalDesk, DeskPerson, HeldCommand } from '@sallyport/web-replay/app'
import type { Approvals } from './approvals.ts'
import { barOf, waitsFor, type Approver } from './approver.ts'
import { longestGrant, needsReason } from './ask.ts'
import type { Ticket } from './ticket.ts'

/** Returns the approvals as the review app and the control socket see them. */
export function createApprovalDesk(approvals: Approvals): ApprovalDesk {
  return {
    list: (person) => approvals.list().map((ticket) => rowOf(ticket, approverOf(person))),
    get(id, person) {
      const ticket = approvals.get(id)
      return ticket === undefined ? undefined : rowOf(ticket, approverOf(person))
    },
    decide: (id, person, verdict) => approvals.decide(id, approverOf(person), verdict),
    grants: () => approvals.grants().map((grant) => ({ ...grant, identity: grant.identity.name })),
    revokeGrant: (id, person, reason) => approvals.revokeGrant(id, approverOf(person), reason),
    subscribe: (callback) => approvals.subscribe(callback),
  }
}

/** Rules know people by their subject: the name that a provider shows is often theirs to choose. */
function approverOf({ issuer, subject, name, groups }: DeskPerson): Approver {
  return { issuer, subject, name, identity: subject, groups }
}

function rowOf(ticket: Ticket, approver: Approver): HeldCommand {
  const { bound, approvals, endedAt, endedBy, endReason } = ticket
  const { identity, terms } = bound
  const barred = barOf(bound, approver)?.message ?? repeated(ticket, approver)
  return {
    ticket: ticket.id,
    digest: ticket.digest,
    state: ticket.state,
    askedAt: ticket.askedAt,
    expiresAt: ticket.expiresAt,
    identity: identity.name,
    issuer: identity.issuer,
    subject: identity.subject,
    claims: identity.claims,
    target: bound.target,
    login: bound.login,
    clientAddress: bound.clientAddress,
    recordingId: bound.recordingId,
    channel: bound.channel,
    rule: bound.rule,
    judged: bound.judged,
    argv: bound.commands,
    text: ticket.send.toString('utf8'),
    variables: bound.variables,
    before: bound.before,
    waitsFor: waitsFor(terms, approvals),
    reasonRequired: needsReason(terms),
    grantSeconds: longestGrant(bound),
    approvals,
    ...(endedAt === undefined
      ? {}
      : {
          ended: {
            at: endedAt,
            ...(endedBy === undefined ? {} : { by: endedBy }),
            ...(endReason === undefined ? {} : { reason: endReason }),
          },
        }),
    ...(barred === undefined ? {} : { barred }),
  }
}

function repeated({ approvals }: Ticket, { issuer, subject }: Approver): string | undefined {
  const hasApproved = approvals.some((each) => each.issuer === issuer && each.subject === subject)
  return hasApproved ? 'You have approved this; others are needed.' : undefined
}
