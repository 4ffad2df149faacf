import { parsePublicKeyLine } from '../publickey/index.ts'
import type { PublicKey } from '../publickey/index.ts'
import { parseHostNames } from './host-pattern.ts'
import type { HostNames } from './host-pattern.ts'

/** One key that stands for some hosts. */
export interface KnownHostsEntry {
  /** Counted from 1. */
  readonly line: number
  readonly marker: 'none' | 'revoked' | 'cert-authority'
  readonly names: HostNames
  readonly publicKey: PublicKey
}

/** A line that says nothing we can use. It may have been a revocation, so it is not passed over. */
export interface KnownHostsProblem {
  readonly line: number
  readonly message: string
  /** Whom it speaks of, when that much can be read. */
  readonly names?: HostNames
}

export interface KnownHosts {
  readonly entries: readonly KnownHostsEntry[]
  readonly problems: readonly KnownHostsProblem[]
}

/**
 * Returns the entries of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT) and its bad lines.
 * It does not throw. What to do about bad lines is for the caller to decide.
 */
export function parseKnownHosts(text: string): KnownHosts {
  const entries: KnownHostsEntry[] = []
  const problems: KnownHostsProblem[] = []
  for (const [index, content] of text.split(/\r?\n/).entries()) {
    const line = index + 1
    if (/^[ \t]*(?:#|$)/.test(content)) continue
    const entry = parseLine(content, line)
    if ('message' in entry) problems.push(entry)
    else entries.push(entry)
  }
  return { entries, problems }
}

const markers = new Map([
  ['@revoked', 'revoked'],
  ['@cert-authority', 'cert-authority'],
] as const)

function parseLine(content: string, line: number): KnownHostsEntry | KnownHostsProblem {
  const [, word = '', names = '', key = ''] =
    /^[ \t]*(?:(@[^ \t]*)[ \t]+)?([^ \t]+)[ \t]+(.*)$/.exec(content) ?? []
  if (names === '') return { line, message: 'not a line "names type key"' }
  const marker = word === '' ? 'none' : [...markers].find(([text]) => text === word)?.[1]
  const hostNames = parseHostNames(names)
  if (marker === undefined) {
    const message = `marker ${word.slice(0, 32)} is not known`
    return { line, message, ...(hostNames && { names: hostNames }) }
  }
  if (hostNames === undefined) return { line, message: 'host names are malformed' }
  try {
    return { line, marker, names: hostNames, publicKey: parsePublicKeyLine(key.trimEnd()) }
  } catch (error) {
    const message = error instanceof Error ? error.message : 'key is malformed'
    return { line, message, names: hostNames }
  }
}
