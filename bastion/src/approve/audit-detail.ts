import { excerpt } from '../words.ts'
import type { Grant } from './ask.ts'
import type { Approver } from './approver.ts'
import { areTooLong } from './room.ts'
import type { Bound } from './ticket.ts'

type Detail = Readonly<Record<string, unknown>>

/** Returns what each audit line about a held command says of it. */
export function detailOf(bound: Bound): Detail {
  const { connectionId, recordingId, channel, identity, target, login, rule, judged } = bound
  const { name, issuer, subject } = identity
  return {
    connectionId,
    recordingId,
    channel,
    identity: name,
    issuer,
    subject,
    target,
    login,
    rule,
    judged,
    commands: bound.commands,
    title: bound.title,
    // Nobody was asked about those that are too long: nobody shall fill the log with them either.
    variables: areTooLong(bound.variables) ? bound.variables.map(excerpt) : bound.variables,
  }
}

export function detailOfGrant(grant: Grant): Detail {
  const { id, ticket, rule, identity, target, login, until, by } = grant
  const { name, issuer, subject } = identity
  return { grant: id, ticket, rule, identity: name, issuer, subject, target, login, until, by }
}

export function detailOfApprover({ issuer, subject, name }: Approver): Detail {
  return { approver: { issuer, subject, name } }
}
