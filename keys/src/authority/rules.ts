import type { CertificateSpec } from '../certificate/index.ts'

/** What the rules may look at besides the certificate. All times are whole seconds since 1970. */
export interface IssueContext {
  readonly now: bigint
  /** The longest time, in seconds, from now to `validBefore`. */
  readonly maxLife: bigint
  /** When the proof of identity that this certificate rests on ends. */
  readonly notAfter: bigint | undefined
}

/** Returns the spec with something changed. Pure. */
export type Modifier = (spec: CertificateSpec, context: IssueContext) => CertificateSpec

/** Returns what is wrong with the spec that is about to be signed, or undefined. Pure. */
export type Validator = (spec: CertificateSpec, context: IssueContext) => string | undefined

/** How far back `validAfter` may lie, for clocks that are behind ours. Seconds. */
export const backdate = 60n

const mostUserPrincipals = 16

/** A certificate ends with what it rests on, however long was asked for. */
export const endWithProof: Modifier = (spec, { notAfter }) =>
  notAfter !== undefined && notAfter < spec.validBefore ? { ...spec, validBefore: notAfter } : spec

export const startsRecently: Validator = (spec, { now }) =>
  spec.validAfter < now - backdate
    ? `validAfter lies ${now - spec.validAfter} s back, at most ${backdate} s are allowed`
    : undefined

export const endsInFuture: Validator = (spec, { now }) =>
  spec.validBefore <= now ? `validBefore has passed ${now - spec.validBefore} s ago` : undefined

export const livesShortly: Validator = (spec, { now, maxLife }) =>
  spec.validBefore - now > maxLife
    ? `it would live ${spec.validBefore - now} s, at most ${maxLife} s are allowed`
    : undefined

/** Again what `endWithProof` did: a later modifier may have undone it. */
export const endsWithProof: Validator = (spec, { notAfter }) =>
  notAfter !== undefined && spec.validBefore > notAfter
    ? 'it would outlive the proof of identity that it rests on'
    : undefined

export const namesFewPrincipals: Validator = (spec) =>
  spec.type === 'user' && spec.validPrincipals.length > mostUserPrincipals
    ? `it names ${spec.validPrincipals.length} principals, at most ${mostUserPrincipals} are allowed`
    : undefined

export const standardModifiers: readonly Modifier[] = [endWithProof]

export const standardValidators: readonly Validator[] = [
  startsRecently,
  endsInFuture,
  livesShortly,
  endsWithProof,
  namesFewPrincipals,
]
