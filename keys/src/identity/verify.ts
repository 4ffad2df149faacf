import { createHash } from 'node:crypto'
import { jwtVerify } from 'jose'
import type { JWTVerifyGetKey } from 'jose'
import { checkClaims } from './claims.ts'
import type { CheckedClaims } from './claims.ts'
import { brandIdToken } from './id-token.ts'
import type { VerifiedIdToken } from './id-token.ts'
import { assertIssuers } from './issuer.ts'
import type { IssuerConfig } from './issuer.ts'
import { rejectionOf } from './jose-errors.ts'
import { createKeySet } from './key-set.ts'
import { reject, shown } from './rejection.ts'
import type { Rejection } from './rejection.ts'
import type { ReplayGuard } from './replay.ts'
import { readUnverified } from './unverified.ts'

export type VerifyResult =
  { readonly kind: 'verified'; readonly idToken: VerifiedIdToken } | Rejection

export interface IdTokenVerifierOptions {
  readonly issuers: readonly IssuerConfig[]
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly replay: ReplayGuard
  readonly fetch?: typeof globalThis.fetch
}

export interface IdTokenVerifier {
  /**
   * Returns the ID token with everything about it verified, or why it is refused; it does not throw
   * for a bad ID token or an issuer that is down. The use is remembered for `publicKeyFingerprint`.
   * Without one nothing is remembered and the result says so: that is for dry runs only.
   */
  verify(idToken: string, publicKeyFingerprint?: string): Promise<VerifyResult>
}

interface Candidate {
  readonly issuer: IssuerConfig
  readonly findKey: JWTVerifyGetKey
}

/** Returns a verifier that trusts `issuers` and no others. Throws TypeError for an unsafe issuer. */
export function createIdTokenVerifier(options: IdTokenVerifierOptions): IdTokenVerifier {
  assertIssuers(options.issuers)
  const { now, replay, fetch = globalThis.fetch } = options
  const candidates = options.issuers.map((issuer) => ({
    issuer,
    findKey: createKeySet(issuer, { now, fetch }),
  }))
  const byIssuer = Map.groupBy(candidates, (candidate) => candidate.issuer.issuer)

  async function verify(idToken: string, publicKeyFingerprint?: string): Promise<VerifyResult> {
    const unverified = readUnverified(idToken)
    if (unverified.kind === 'rejected') return unverified
    const sharing = byIssuer.get(unverified.issuer)
    if (sharing === undefined) {
      return reject('unknown-issuer', `no issuer is configured for ${shown(unverified.issuer)}`)
    }
    const tokenHash = createHash('sha256').update(unverified.signedPart).digest('hex')
    const result = await verifyWithAny(sharing, idToken, unverified.algorithm, now)
    if (result.kind === 'rejected') return result
    const { issuer, claims } = result
    const fields = { issuerName: issuer.name, issuer: issuer.issuer, tokenHash, ...claims }
    if (publicKeyFingerprint === undefined) {
      return { kind: 'verified', idToken: brandIdToken(fields) }
    }
    const until = claims.expiresAt + issuer.clockTolerance
    const use = { tokenHash, publicKeyFingerprint, until }
    const refusal = await replay.admit(use, issuer.singleUse === true)
    if (refusal !== undefined) return refusal
    return { kind: 'verified', idToken: brandIdToken({ ...fields, publicKeyFingerprint }) }
  }

  return { verify }
}

interface SignedByIssuer {
  readonly kind: 'signed'
  readonly issuer: IssuerConfig
  readonly claims: CheckedClaims
}

/** Issuers that share one `iss` (Kubernetes clusters do) are told apart by whose key has signed. */
async function verifyWithAny(
  candidates: readonly Candidate[],
  idToken: string,
  algorithm: string,
  now: () => number,
): Promise<SignedByIssuer | Rejection> {
  let last = reject('unknown-key', 'no key of the issuer fits')
  for (const { issuer, findKey } of candidates) {
    const result = await verifyWith(issuer, findKey, idToken, algorithm, now)
    if (result.kind === 'signed') return result
    last = result
    if (!['algorithm', 'unknown-key', 'bad-signature'].includes(result.code)) return result
  }
  return last
}

async function verifyWith(
  issuer: IssuerConfig,
  findKey: JWTVerifyGetKey,
  idToken: string,
  algorithm: string,
  now: () => number,
): Promise<SignedByIssuer | Rejection> {
  if (!issuer.algorithms.includes(algorithm)) {
    return reject(
      'algorithm',
      `ID token is signed with ${shown(algorithm)}, expected ${issuer.algorithms.join(' or ')}`,
    )
  }
  try {
    const { payload } = await jwtVerify(idToken, findKey, {
      issuer: issuer.issuer,
      audience: issuer.audience,
      algorithms: [...issuer.algorithms],
      requiredClaims: ['exp', 'iat', 'sub'],
      maxTokenAge: issuer.maxTokenAge,
      clockTolerance: issuer.clockTolerance,
      currentDate: new Date(now()),
      ...(issuer.requiredType === undefined ? {} : { typ: issuer.requiredType }),
    })
    const claims = checkClaims(payload, issuer)
    return claims.kind === 'rejected' ? claims : { kind: 'signed', issuer, claims: claims.checked }
  } catch (error) {
    return rejectionOf(error, issuer)
  }
}
