import { createHmac, timingSafeEqual } from 'node:crypto'

/** Where a target is reached. */
export interface HostAddress {
  readonly host: string
  readonly port: number
}

/** The first field of a known_hosts line: a list of patterns, or one hashed name. */
export type HostNames =
  | { readonly kind: 'patterns'; readonly patterns: readonly HostPattern[] }
  | { readonly kind: 'hashed'; readonly salt: Buffer; readonly hash: Buffer }

export interface HostPattern {
  readonly negated: boolean
  /** In lower case, with `*` and `?`. */
  readonly pattern: string
}

/** Returns the name under which an address is looked up, as ssh(1) writes it. */
export function knownHostName({ host, port }: HostAddress): string {
  const name = host.toLowerCase()
  return port === 22 ? name : `[${name}]:${port}`
}

/** Returns the names of a field, or undefined when it is malformed. */
export function parseHostNames(field: string): HostNames | undefined {
  if (field.startsWith('|')) return parseHashed(field)
  const patterns = field.split(',').map((part) => {
    const negated = part.startsWith('!')
    return { negated, pattern: (negated ? part.slice(1) : part).toLowerCase() }
  })
  return patterns.every(({ pattern }) => pattern !== '')
    ? { kind: 'patterns', patterns }
    : undefined
}

/** Returns whether the names cover the address; a negated pattern that fits wins over all others. */
export function coversHost(names: HostNames, address: HostAddress): boolean {
  const name = knownHostName(address)
  if (names.kind === 'hashed') {
    const hash = createHmac('sha1', names.salt).update(name).digest()
    return timingSafeEqual(hash, names.hash)
  }
  const fitting = names.patterns.filter(({ pattern }) => fits(pattern, name))
  return fitting.length > 0 && fitting.every(({ negated }) => !negated)
}

// |1|salt|hash: both base64 of 20 bytes, HMAC-SHA-1 keyed with the salt
function parseHashed(field: string): HostNames | undefined {
  const [, salt = '', hash = ''] =
    /^\|1\|([A-Za-z0-9+/]{27}=)\|([A-Za-z0-9+/]{27}=)$/.exec(field) ?? []
  if (salt === '') return undefined
  return { kind: 'hashed', salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') }
}

/** `*` is any run and `?` any one character. After a mismatch only the last star needs to grow. */
function fits(pattern: string, name: string): boolean {
  let at = 0
  let star = -1
  let resume = 0
  let index = 0
  while (index < name.length) {
    const char = pattern[at]
    if (char === '*') {
      star = at++
      resume = index
    } else if (char === '?' || char === name[index]) {
      at++
      index++
    } else if (star !== -1) {
      at = star + 1
      index = ++resume
    } else {
      return false
    }
  }
  return /^\**$/.test(pattern.slice(at))
}
