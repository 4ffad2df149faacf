import type { JWTPayload } from 'jose'
import type { IssuerConfig } from './issuer.ts'
import { reject, shown } from './rejection.ts'
import type { Rejection } from './rejection.ts'

export interface CheckedClaims {
  readonly subject: string
  readonly audience: string
  readonly claims: Readonly<Record<string, unknown>>
  readonly issuedAt: number
  readonly expiresAt: number
  readonly tokenId?: string
}

/**
 * Returns the claims that each ID token has, or what is wrong with them in ways that jose lets pass. Its
 * own checks of signature, issuer, audience and times have been done.
 */
export function checkClaims(
  payload: JWTPayload,
  issuer: IssuerConfig,
): { readonly kind: 'checked'; readonly checked: CheckedClaims } | Rejection {
  const { sub, aud, iat = NaN, exp = NaN, jti } = payload
  if (typeof sub !== 'string' || sub === '') {
    return reject('invalid-claim', 'claim "sub" is not a string with content')
  }
  if (Array.isArray(aud) && aud.length !== 1 && issuer.allowSharedAudience !== true) {
    return reject(
      'audience',
      `ID token is for ${shown(aud)}, expected ${shown(issuer.audience)} alone`,
    )
  }
  const lifetime = exp - iat
  if (!(lifetime > 0 && lifetime <= issuer.maxLifetime)) {
    return reject(
      'lifetime',
      `ID token lives ${lifetime} seconds, expected more than 0 and at most ${issuer.maxLifetime}`,
    )
  }
  const checked = {
    subject: sub,
    audience: issuer.audience,
    claims: payload,
    issuedAt: iat,
    expiresAt: exp,
    ...(typeof jti === 'string' ? { tokenId: jti } : {}),
  }
  return { kind: 'checked', checked }
}
