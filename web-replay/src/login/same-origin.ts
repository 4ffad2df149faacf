import { timingSafeEqual } from 'node:crypto'
import type { Request } from 'express'

/**
 * True when a state-changing request comes from one of our own pages. Browsers that send
 * Sec-Fetch-Site decide by it: under our `no-referrer` policy their Origin is `null` even from us.
 * Without it Origin must be ours, and a request with neither is refused.
 */
export function isSameOrigin(request: Request, externalUrl: URL): boolean {
  const site = request.get('sec-fetch-site')
  if (site !== undefined) return site === 'same-origin'
  return request.get('origin') === externalUrl.origin
}

/** True when `sent` is the CSRF token of the sign-in, compared without timing. */
export function isCsrfToken(sent: unknown, expected: string): boolean {
  if (typeof sent !== 'string') return false
  const given = Buffer.from(sent)
  const wanted = Buffer.from(expected)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}
