import { randomUUID } from 'node:crypto'
import type { JWTPayload } from 'jose'
import { CLIENT_ID } from './issuer.ts'

export const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'

/** Returns what a logout token of `issuer` says about the account `reviewer`, unless `more` says otherwise. */
export function logoutClaims(
  issuer: string,
  more: Readonly<Record<string, unknown>> = {},
): JWTPayload {
  const now = Math.floor(Date.now() / 1000)
  return {
    iss: issuer,
    aud: CLIENT_ID,
    // Before the sign-ins of the next test, which may be in the same second.
    iat: now - 1,
    exp: now + 120,
    jti: randomUUID(),
    sub: 'reviewer',
    events: { [LOGOUT_EVENT]: {} },
    ...more,
  }
}
