/** Only `brandIdToken` sets this, and only the verifier calls that: the type is the proof. */
const verified: unique symbol = Symbol('verified')

/**
 * An ID token whose signature, issuer, audience, times and first use have been checked.
 * Times are seconds since 1970.
 */
export interface VerifiedIdToken {
  readonly [verified]: true
  /** Our own name for the issuer; rules refer to it, since several clusters may share one `iss`. */
  readonly issuerName: string
  /** The `iss` claim, equal to the configured text. */
  readonly issuer: string
  readonly subject: string
  readonly audience: string
  readonly claims: Readonly<Record<string, unknown>>
  readonly issuedAt: number
  readonly expiresAt: number
  /**
   * SHA-256 in hex over the signed part. The signature is left out on purpose: ECDSA signatures and
   * base64url tails can be rewritten by anyone, and the rewritten token would count as another one.
   */
  readonly tokenHash: string
  readonly tokenId?: string
  /** The key for which its use was recorded; absent after a dry verification. */
  readonly publicKeyFingerprint?: string
}

export function brandIdToken(fields: Omit<VerifiedIdToken, typeof verified>): VerifiedIdToken {
  return { [verified]: true, ...fields }
}
