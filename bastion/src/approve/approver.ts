import type { ApprovalTerms } from '../decide/index.ts'
import type { Approval, Bound } from './ticket.ts'

/** Somebody who has signed in and wants to decide. */
export interface Approver {
  readonly issuer: string
  readonly subject: string
  /** For display only: many providers let people choose it. */
  readonly name: string
  /** The verified name by which rules know this person. */
  readonly identity: string
  readonly groups: readonly string[]
}

/** Why somebody may not decide on a ticket. */
export interface Bar {
  readonly code: 'own-request' | 'not-entitled'
  readonly message: string
}

/** Returns why `approver` may not decide, or undefined. */
export function barOf(bound: Bound, approver: Approver): Bar | undefined {
  if (isRequester(bound, approver)) {
    return { code: 'own-request', message: 'Nobody decides on their own request.' }
  }
  if (bound.terms.some((terms) => isEntitled(terms, approver))) return undefined
  const names = bound.terms.map(deciders).join(' and ')
  return { code: 'not-entitled', message: `Rule ${bound.rule} leaves this to ${names}.` }
}

/** Whether each of the rules has the persons that it asks for. */
export function isMet(
  terms: readonly ApprovalTerms[],
  approvals: readonly Pick<Approval, 'issuer' | 'subject' | 'identity' | 'groups'>[],
): boolean {
  return terms.length > 0 && terms.every((each) => personsFor(each, approvals) >= countOf(each))
}

/** Returns who is needed and how many have approved: `sre (1 of 2) and dba`. */
export function waitsFor(terms: readonly ApprovalTerms[], approvals: readonly Approval[]): string {
  return terms
    .filter((each) => personsFor(each, approvals) < countOf(each))
    .map((each) => {
      const count = countOf(each)
      const have = personsFor(each, approvals)
      return count === 1 ? deciders(each) : `${deciders(each)} (${have} of ${count})`
    })
    .join(' and ')
}

/**
 * Issuers of identities are named by the configuration and those of approvers by their URL, so they are not compared:
 * one subject at two issuers may be one person, and then this is a refusal too many.
 */
function isRequester({ identity }: Bound, approver: Approver): boolean {
  const { subject, name } = identity
  return approver.subject === subject || approver.identity === name || approver.name === name
}

function isEntitled({ by }: ApprovalTerms, person: Pick<Approver, 'identity' | 'groups'>): boolean {
  return (
    by.identities.includes(person.identity) ||
    person.groups.some((group) => by.groups.includes(group))
  )
}

/** Persons, not approvals and not groups: somebody who is in two groups is one person. */
function personsFor(
  terms: ApprovalTerms,
  approvals: readonly Pick<Approval, 'issuer' | 'subject' | 'identity' | 'groups'>[],
): number {
  const entitled = approvals.filter((approval) => isEntitled(terms, approval))
  return new Set(entitled.map(({ issuer, subject }) => JSON.stringify([issuer, subject]))).size
}

/** A count that makes no sense must not read as "nobody is needed". */
function countOf({ count }: ApprovalTerms): number {
  return Number.isInteger(count) && count > 0 ? count : Number.POSITIVE_INFINITY
}

function deciders({ by }: ApprovalTerms): string {
  return [...by.groups, ...by.identities].join(' or ') || 'nobody'
}
