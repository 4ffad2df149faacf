import type { CookieOptions } from 'express'

/**
 * The `__Host-` prefix makes the browser refuse these cookies unless they are Secure, for path `/`
 * and without a Domain, so that no sibling host can plant one.
 */
export const SIGN_IN_COOKIE = '__Host-sid'

/** Attributes of each cookie that we set. */
export const COOKIE_OPTIONS: Readonly<CookieOptions> = {
  path: '/',
  secure: true,
  httpOnly: true,
  sameSite: 'lax',
}

/** Returns the cookies of a Cookie header; of two with one name the first counts. */
export function parseCookies(header: string | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>()
  for (const pair of (header ?? '').split(';')) {
    const equals = pair.indexOf('=')
    if (equals < 1) continue
    const name = pair.slice(0, equals).trim()
    if (!cookies.has(name)) cookies.set(name, pair.slice(equals + 1).trim())
  }
  return cookies
}
