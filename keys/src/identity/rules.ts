import type { VerifiedIdToken } from './id-token.ts'
import { nameProblem } from './identity.ts'
import type { Identity } from './identity.ts'
import { claimAt, isClaimValue, matchesClaim } from './matcher.ts'
import type { ClaimMatcher, ClaimValue } from './matcher.ts'

/** Turns the ID tokens of one issuer that fit it into one kind of identity. */
export interface IdentityRule {
  readonly id: string
  /** Our own name for the issuer. */
  readonly issuer: string
  /** By dotted path or exact name of a claim; all must fit. A rule without any fits nothing. */
  readonly match: Readonly<Record<string, ClaimMatcher>>
  readonly name: { readonly claim: string; readonly prefix?: string } | { readonly literal: string }
  readonly groups: readonly string[]
  readonly principals: readonly string[]
  /** Seconds. */
  readonly maxLife: number
  readonly sourceAddress?: readonly string[]
  /** Claims that travel on with the identity, where the ID token has them. */
  readonly carry?: readonly string[]
}

export type IdentityResult =
  | { readonly kind: 'identity'; readonly identity: Identity; readonly rule: IdentityRule }
  | IdentityRejection

export interface IdentityRejection {
  readonly kind: 'rejected'
  readonly code: 'no-rule' | 'ambiguous' | 'name' | 'carry'
  /** Fit for the client: it does not say which rule nearly fitted. */
  readonly reason: string
  /** For the audit log: the rules that fitted, or that were tried when none did. */
  readonly rules: readonly string[]
}

/**
 * Returns the identity that exactly one rule gives to the ID token. None and several are refused:
 * with "first match" the order of a file would decide, and a union would add up rights.
 */
export function resolveIdentity(
  rules: readonly IdentityRule[],
  idToken: VerifiedIdToken,
): IdentityResult {
  const tried = rules.filter((rule) => rule.issuer === idToken.issuerName)
  const [rule, ...others] = tried.filter((one) => fits(one, idToken))
  if (rule === undefined) {
    const reason = `no rule for issuer "${idToken.issuerName}" fits the claims`
    return { kind: 'rejected', code: 'no-rule', reason, rules: ids(tried) }
  }
  if (others.length > 0) {
    const reason = `${others.length + 1} rules fit the claims, exactly one must`
    return { kind: 'rejected', code: 'ambiguous', reason, rules: ids([rule, ...others]) }
  }
  return applyRule(rule, idToken)
}

export interface ClaimExplanation {
  readonly claim: string
  readonly expected: ClaimMatcher
  readonly found: unknown
  readonly fits: boolean
}

/** Returns, for each claim that the rule asks for, what was found: for dry runs and the audit log. */
export function explainRule(
  rule: IdentityRule,
  idToken: Pick<VerifiedIdToken, 'claims'>,
): readonly ClaimExplanation[] {
  return Object.entries(rule.match).map(([claim, expected]) => {
    const found = claimAt(idToken.claims, claim)
    return { claim, expected, found, fits: matchesClaim(expected, found) }
  })
}

function fits(rule: IdentityRule, idToken: VerifiedIdToken): boolean {
  const claims = explainRule(rule, idToken)
  return claims.length > 0 && claims.every((claim) => claim.fits)
}

function applyRule(rule: IdentityRule, idToken: VerifiedIdToken): IdentityResult {
  const name = nameOf(rule, idToken)
  const problem =
    name === undefined ? 'the claim that gives the name is missing' : nameProblem(name)
  if (name === undefined || problem !== undefined) {
    return { kind: 'rejected', code: 'name', reason: problem ?? '', rules: [rule.id] }
  }
  const carried: [string, ClaimValue][] = []
  for (const claim of rule.carry ?? []) {
    const value = claimAt(idToken.claims, claim)
    if (value === undefined) continue
    if (!isClaimValue(value)) {
      const reason = `claim "${claim}" is not a string, number or boolean`
      return { kind: 'rejected', code: 'carry', reason, rules: [rule.id] }
    }
    carried.push([claim, value])
  }
  const identity = {
    name,
    issuer: idToken.issuerName,
    subject: idToken.subject,
    rule: rule.id,
    groups: rule.groups,
    principals: rule.principals,
    claims: Object.fromEntries(carried),
    maxLife: rule.maxLife,
  }
  return { kind: 'identity', identity, rule }
}

function nameOf(rule: IdentityRule, idToken: VerifiedIdToken): string | undefined {
  if ('literal' in rule.name) return rule.name.literal
  const value = claimAt(idToken.claims, rule.name.claim)
  const prefix = rule.name.prefix ?? ''
  if (typeof value === 'string' && value !== '') return prefix + value
  return typeof value === 'number' && Number.isSafeInteger(value) ? `${prefix}${value}` : undefined
}

function ids(rules: readonly IdentityRule[]): readonly string[] {
  return rules.map((rule) => rule.id)
}
