import type { RequestHandler } from 'express'
import helmet from 'helmet'

/**
 * Nothing inline, nothing from elsewhere, no frame around us. `wasm-unsafe-eval` compiles the
 * player's terminal; it does not allow eval of script.
 */
const POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
  styleSrc: ["'self'"],
  connectSrc: ["'self'"],
  imgSrc: ["'self'"],
  fontSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
}

/** Returns the handler that sets the security headers of each answer. */
export function securityHeaders(externalUrl: URL): RequestHandler {
  return helmet({
    contentSecurityPolicy: { useDefaults: false, directives: POLICY },
    referrerPolicy: { policy: 'no-referrer' },
    frameguard: { action: 'deny' },
    strictTransportSecurity: externalUrl.protocol === 'https:' ? { maxAge: 31_536_000 } : false,
  })
}

/** Sets `no-store`: what a reviewer saw must not stay in a cache after they sign out. */
export const noStore: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store')
  next()
}
