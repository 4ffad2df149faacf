import { errors } from 'jose'
import type { IssuerConfig } from './issuer.ts'
import { KeySetUnavailable } from './key-set.ts'
import { reject, shown } from './rejection.ts'
import type { Rejection } from './rejection.ts'

/** Returns the refusal for what jose, or the lookup of a key, has thrown. */
export function rejectionOf(error: unknown, issuer: IssuerConfig): Rejection {
  if (error instanceof KeySetUnavailable) return reject('unavailable', error.message)
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return reject('bad-signature', `signature was not made by a key of issuer "${issuer.name}"`)
  }
  if (error instanceof errors.JWKSNoMatchingKey) {
    return reject('unknown-key', `issuer "${issuer.name}" has no key that fits the header`)
  }
  if (error instanceof errors.JWKSMultipleMatchingKeys) {
    return reject('unknown-key', `several keys of issuer "${issuer.name}" fit the header`)
  }
  if (error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed) {
    return claimRejection(error, issuer)
  }
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid) {
    return reject('malformed', error.message)
  }
  return reject('unknown-key', `the fitting key of issuer "${issuer.name}" cannot be used`)
}

function claimRejection(
  error: errors.JWTExpired | errors.JWTClaimValidationFailed,
  issuer: IssuerConfig,
): Rejection {
  const { claim, payload } = error
  if (error.reason === 'missing') return reject('missing-claim', `claim "${claim}" is missing`)
  if (error.reason === 'invalid') return reject('invalid-claim', `claim "${claim}" is not a number`)
  switch (claim) {
    case 'aud':
      return reject(
        'audience',
        `ID token is for ${shown(payload.aud)}, expected ${shown(issuer.audience)}`,
      )
    case 'exp':
      return reject('expired', `ID token expired at ${payload.exp}`)
    case 'iat':
      return error instanceof errors.JWTExpired
        ? reject('too-old', `ID token was issued more than ${issuer.maxTokenAge} seconds ago`)
        : reject('not-yet-valid', `ID token was issued in the future, at ${payload.iat}`)
    case 'nbf':
      return reject('not-yet-valid', `ID token is not valid before ${payload.nbf}`)
    case 'typ':
      return reject('type', `ID token is not of type "${issuer.requiredType}"`)
    default:
      return reject('invalid-claim', `claim "${claim}" is not as expected`)
  }
}
