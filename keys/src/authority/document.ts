import { parsePublicKeyLine } from '../publickey/index.ts'
import { authorityKinds } from './kind.ts'
import type { AuthorityKind } from './kind.ts'
import type { AuthorityKey, AuthorityKeyState, Verification } from './succession.ts'

/** What is known of the keys of all authorities, as its file holds it. Nothing of it is secret. */
export interface AuthorityDocument {
  readonly format: 'sallyport-authorities/1'
  readonly authorities: Readonly<Record<AuthorityKind, readonly AuthorityKey[]>>
}

/**
 * Returns a document whose shape has been checked, and that each authority has one active key and at
 * most one that is next or retiring. Throws an Error that names the first fault; members that we do
 * not know are faults.
 */
export function parseAuthorityDocument(value: unknown): AuthorityDocument {
  const top = membersOf(value, 'document', ['format', 'authorities'])
  if (top['format'] !== 'sallyport-authorities/1') {
    throw new Error('is not a list of authorities of format 1')
  }
  const named = membersOf(top['authorities'], 'authorities', authorityKinds)
  const keysOf = (kind: AuthorityKind): readonly AuthorityKey[] => parseKeys(named[kind], kind)
  return {
    format: 'sallyport-authorities/1',
    authorities: { user: keysOf('user'), host: keysOf('host'), upstream: keysOf('upstream') },
  }
}

function parseKeys(value: unknown, place: string): readonly AuthorityKey[] {
  const keys = listOf(value, place).map((one, index) => parseKey(one, `${place}.${index}`))
  const count = (state: AuthorityKeyState): number =>
    keys.filter((key) => key.state === state).length
  if (count('active') !== 1) throw new Error(`has ${count('active')} active keys at ${place}`)
  if (count('next') > 1 || count('retiring') > 1) {
    throw new Error(`has two keys in one state at ${place}`)
  }
  if (new Set(keys.map(({ version }) => version)).size !== keys.length) {
    throw new Error(`has a version twice at ${place}`)
  }
  return keys
}

function parseKey(value: unknown, place: string): AuthorityKey {
  const key = membersOf(value, place, ['version', 'state', 'publicKeyLine', 'since', 'verified'])
  const { version, state } = key
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1) {
    throw new Error(`has a malformed version at ${place}`)
  }
  if (state !== 'next' && state !== 'active' && state !== 'retiring' && state !== 'retired') {
    throw new Error(`has an unknown state at ${place}`)
  }
  const publicKeyLine = textOf(key['publicKeyLine'], `${place}.publicKeyLine`)
  parsePublicKeyLine(publicKeyLine)
  const since = timeOf(key['since'], `${place}.since`)
  const verified = listOf(key['verified'], `${place}.verified`).map((one, index) =>
    parseVerification(one, `${place}.verified.${index}`),
  )
  return { version, state, publicKeyLine, since, verified }
}

function parseVerification(value: unknown, place: string): Verification {
  const { what, at } = membersOf(value, place, ['what', 'at'])
  return { what: textOf(what, `${place}.what`), at: timeOf(at, `${place}.at`) }
}

function membersOf(
  value: unknown,
  place: string,
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`has no object at ${place}`)
  }
  const members = new Map<string, unknown>(Object.entries(value))
  const unknown = [...members.keys()].find((name) => !names.includes(name))
  if (unknown !== undefined) throw new Error(`has an unknown member at ${place}: ${unknown}`)
  const missing = names.find((name) => !members.has(name))
  if (missing !== undefined) throw new Error(`lacks ${missing} at ${place}`)
  return Object.fromEntries(members)
}

function listOf(value: unknown, place: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new Error(`has no list at ${place}`)
}

function textOf(value: unknown, place: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new Error(`has no text at ${place}`)
}

function timeOf(value: unknown, place: string): string {
  const text = textOf(value, place)
  if (!Number.isNaN(Date.parse(text))) return text
  throw new Error(`has no time at ${place}`)
}
