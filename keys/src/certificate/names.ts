import { isIP } from 'node:net'

/** No comma, blank, quote or wildcard: some server between here and there splits or expands those. */
const userPrincipal = /^[A-Za-z0-9_][A-Za-z0-9._@+-]{0,63}$/

/** A host name or target name. */
const hostname = /^[A-Za-z0-9_]([A-Za-z0-9._-]{0,251}[A-Za-z0-9_])?$/

/** True when the name may stand as a principal in a certificate of this type. */
export function isPrincipal(name: string, type: 'user' | 'host'): boolean {
  if (type === 'user') return userPrincipal.test(name)
  return hostname.test(name) || isIP(name) !== 0
}
