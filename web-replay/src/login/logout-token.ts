/**
 * Logout tokens of OpenID Connect Back-Channel Logout 1.0, section 2.6. They look like ID tokens and are signed with the
 * same keys: what tells them apart (`events`, no `nonce`, `typ`) is checked as strictly as the signature.
 */
import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import { visibleText } from '../review/visible-text.ts'

/** What a provider has ended: one session of its own, or all of a person. */
export interface Logout {
  readonly jti: string
  /** Seconds since 1970. */
  readonly issuedAt: number
  /** As sign-ins hold it. */
  readonly subject?: string
  readonly session?: string
}

export type LogoutVerdict =
  | { readonly kind: 'logout'; readonly logout: Logout }
  | { readonly kind: 'refused'; readonly reason: string }

export interface LogoutTokenOptions {
  readonly issuer: string
  readonly clientId: string
  /** What the provider signs with; only signatures that take a private key are ever accepted. */
  readonly algorithms: readonly string[]
  readonly keys: JWTVerifyGetKey
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Seconds after which a logout token is refused, whatever it says itself. */
export const LOGOUT_LIFE = 600
/** Seconds by which clocks may differ. */
export const TOLERANCE = 60

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
const TYPES: readonly unknown[] = [undefined, 'JWT', 'logout+jwt', 'application/logout+jwt']
const ASYMMETRIC = /^(?:(?:RS|PS|ES)(?:256|384|512)|EdDSA|Ed25519)$/
const LONGEST = 512
/** What is wrong with the token itself, and not with the world around it. */
const REFUSALS = new Set([
  'ERR_JOSE_ALG_NOT_ALLOWED',
  'ERR_JOSE_NOT_SUPPORTED',
  'ERR_JWKS_MULTIPLE_MATCHING_KEYS',
  'ERR_JWKS_NO_MATCHING_KEY',
  'ERR_JWS_INVALID',
  'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
  'ERR_JWT_CLAIM_VALIDATION_FAILED',
  'ERR_JWT_EXPIRED',
  'ERR_JWT_INVALID',
])

/** Returns what `token` ends, or why it ends nothing. Throws what the keys throw when they cannot be had. */
export async function verifyLogoutToken(
  token: string,
  options: LogoutTokenOptions,
): Promise<LogoutVerdict> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, options.keys, {
      algorithms: options.algorithms.filter((name) => ASYMMETRIC.test(name)),
      issuer: options.issuer,
      audience: options.clientId,
      requiredClaims: ['iss', 'aud', 'iat', 'jti', 'events'],
      maxTokenAge: LOGOUT_LIFE,
      clockTolerance: TOLERANCE,
      currentDate: new Date(options.now()),
    })
    if (!TYPES.includes(protectedHeader.typ)) return refuse('it is of another type')
    return readLogout(payload)
  } catch (error) {
    if (!(error instanceof errors.JOSEError) || !REFUSALS.has(error.code)) throw error
    return refuse(error.message)
  }
}

function readLogout(payload: JWTPayload): LogoutVerdict {
  const { aud, jti, iat, sub } = payload
  const session = payload['sid']
  if (Array.isArray(aud) && aud.length !== 1) return refuse('it is for others too')
  if (Object.hasOwn(payload, 'nonce')) return refuse('it has a nonce, as an ID token has')
  if (!isLogoutEvent(payload['events'])) return refuse('it tells of no logout')
  if (!isName(jti) || iat === undefined) return refuse('its jti is no text of a usable length')
  if (sub !== undefined && !isName(sub)) return refuse('its sub is no text of a usable length')
  if (session !== undefined && !isName(session)) {
    return refuse('its sid is no text of a usable length')
  }
  if (sub === undefined && session === undefined) return refuse('it names neither sub nor sid')
  const logout = {
    jti,
    issuedAt: iat,
    ...(sub === undefined ? {} : { subject: visibleText(sub, LONGEST) }),
    ...(session === undefined ? {} : { session }),
  }
  return { kind: 'logout', logout }
}

function isLogoutEvent(events: unknown): boolean {
  if (!isObject(events) || !Object.hasOwn(events, EVENT)) return false
  const [, event] = Object.entries(events).find(([name]) => name === EVENT) ?? []
  return isObject(event)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST
}

function refuse(reason: string): LogoutVerdict {
  return { kind: 'refused', reason }
}
