import { decodeJwt, decodeProtectedHeader } from 'jose'
import { reject } from './rejection.ts'
import type { Rejection } from './rejection.ts'

/** What an ID token says of itself, of which nothing has been verified. */
export interface UnverifiedIdToken {
  readonly kind: 'read'
  readonly issuer: string
  readonly algorithm: string
  /** Header and payload as they were signed. */
  readonly signedPart: string
}

const longestIdToken = 16 * 1024

/**
 * Returns what is needed to look the issuer up, or why the text is no ID token. Key hints in the
 * header (jku, jwk, x5u, x5c) are never looked at.
 */
export function readUnverified(idToken: string): UnverifiedIdToken | Rejection {
  if (idToken.length > longestIdToken) {
    return reject(
      'malformed',
      `ID token has ${idToken.length} characters, at most ${longestIdToken}`,
    )
  }
  const segments = idToken.split('.')
  if (segments.length !== 3 || !segments.every((segment) => /^[A-Za-z0-9_-]+$/.test(segment))) {
    return reject('malformed', 'ID token is not three base64url segments')
  }
  try {
    const header = decodeProtectedHeader(idToken)
    if ('crit' in header) return reject('malformed', 'ID token has a "crit" header')
    const { iss } = decodeJwt(idToken)
    if (typeof iss !== 'string') return reject('malformed', 'claim "iss" is not a string')
    if (typeof header.alg !== 'string') return reject('malformed', 'header "alg" is not a string')
    const signedPart = segments.slice(0, 2).join('.')
    return { kind: 'read', issuer: iss, algorithm: header.alg, signedPart }
  } catch {
    return reject('malformed', 'header or payload of the ID token is not a JSON object')
  }
}
