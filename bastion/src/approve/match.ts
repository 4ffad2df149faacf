import type { Grant } from './ask.ts'
import type { Bound } from './ticket.ts'

/** Whose waiting commands and grants are to end; every part that is given must be the same. */
export interface Match {
  readonly name?: string
  readonly issuer?: string
  readonly subject?: string
  /** Serial of a certificate; grants are not bound to one, so with it no grant matches. */
  readonly serial?: bigint
}

export function matchesTicket(match: Match, bound: Bound): boolean {
  if (match.serial === undefined) return matchesIdentity(match, bound.identity)
  return bound.serial === match.serial.toString() && !differs(match, bound.identity)
}

export function matchesGrant(match: Match, grant: Grant): boolean {
  return match.serial === undefined && matchesIdentity(match, grant.identity)
}

/** A match that names nothing matches nobody, not everybody. */
function matchesIdentity(match: Match, identity: Grant['identity']): boolean {
  const { name, issuer, subject } = match
  const isEmpty = name === undefined && issuer === undefined && subject === undefined
  return !isEmpty && !differs(match, identity)
}

function differs(match: Match, identity: Grant['identity']): boolean {
  const { name, issuer, subject } = match
  return (
    (name !== undefined && name !== identity.name) ||
    (issuer !== undefined && issuer !== identity.issuer) ||
    (subject !== undefined && subject !== identity.subject)
  )
}
