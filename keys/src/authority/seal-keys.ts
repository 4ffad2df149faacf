import { KeysError } from '../errors.ts'
import type { AuthorityKeys, NewAuthorityKey, SealedAuthorityKey } from '../vault/index.ts'
import type { AuthorityDocument } from './document.ts'
import { authorityKinds } from './kind.ts'
import type { AuthorityKind } from './kind.ts'
import { listIsMissing, readPlainKeys } from './plain-keys.ts'
import type { PlainKey, PlainKeys } from './plain-keys.ts'
import type { AuthorityKey } from './succession.ts'

export interface SealKeysOptions {
  readonly folder: string
  readonly keys: AuthorityKeys
  /** The list of keys as it is on the disk; null when there is none. */
  readonly stored: AuthorityDocument | null
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export interface SealedAuthorities {
  readonly document: AuthorityDocument
  /** What lies in the folder in plain, and is in the vault too: it can be removed once that was read back. */
  readonly plain: PlainKeys
}

/**
 * Returns the list of keys, each of which is sealed in the vault when this returns. All first keys, and all
 * that are taken in from plain files, come into the vault in one write: so a vault that has any has all, and
 * what lies in the folder in plain later on is never taken for a key of ours. Throws
 * `ERR_KEYS_AUTHORITY_FILE` when a key is missing, or another one than the list names.
 */
export async function sealKeys(options: SealKeysOptions): Promise<SealedAuthorities> {
  const { folder, keys, stored, now } = options
  const plain = await readPlainKeys(folder, stored ?? undefined)
  if (keys.list().length === 0) {
    if (stored !== null) assertAllThere(folder, stored, plain)
    const given: readonly NewAuthorityKey[] = plain.keys.map(({ kind, version, key }) => ({
      name: kind,
      version,
      key,
    }))
    const made = authorityKinds.filter(
      (kind) => stored === null && !given.some(({ name }) => name === kind),
    )
    await keys.add([...given, ...made.map((name) => ({ name, version: 1 }))])
  }
  const sealed = keys.list()
  const document = stored ?? firstDocument(folder, sealed, now)
  assertSealed(folder, document, sealed)
  for (const one of plain.keys) assertSame(one, sealed)
  return { document, plain }
}

/** Of the version in the list and of no other: a state of authorities.json is only worth what its keys are. */
function assertAllThere(folder: string, stored: AuthorityDocument, plain: PlainKeys): void {
  for (const [kind, { version, publicKeyLine }] of inUse(stored)) {
    const found = plain.keys.find((one) => one.kind === kind && one.version === version)
    if (found === undefined) throw missing(folder, kind, version)
    if (found.publicKeyLine !== publicKeyLine) {
      const why = `authority file ${found.file} holds another key than authorities.json says`
      throw new KeysError('ERR_KEYS_AUTHORITY_FILE', why)
    }
  }
}

function assertSealed(
  folder: string,
  document: AuthorityDocument,
  sealed: readonly SealedAuthorityKey[],
): void {
  for (const [kind, { version, publicKeyLine }] of inUse(document)) {
    const found = sealed.find((one) => one.name === kind && one.version === version)
    if (found === undefined) throw missing(folder, kind, version)
    if (found.publicKeyLine !== publicKeyLine) {
      const why = `the vault holds another key for version ${version} of the ${kind} authority than authorities.json says`
      throw new KeysError('ERR_KEYS_AUTHORITY_FILE', `${folder}: ${why}`)
    }
  }
}

function assertSame(plain: PlainKey, sealed: readonly SealedAuthorityKey[]): void {
  const { kind, version, file, publicKeyLine } = plain
  const same = sealed.find((one) => one.name === kind && one.version === version)
  if (same?.publicKeyLine === publicKeyLine) return
  const why = `authority file ${file} holds another key than the vault; move it away`
  throw new KeysError('ERR_KEYS_AUTHORITY_FILE', why)
}

/** Later keys without a list mean that it was lost. */
function firstDocument(
  folder: string,
  sealed: readonly SealedAuthorityKey[],
  now: () => number,
): AuthorityDocument {
  const later = sealed.find(({ version }) => version !== 1)
  if (later !== undefined) {
    throw listIsMissing(folder, `version ${later.version} of the ${later.name} authority`)
  }
  const since = new Date(now()).toISOString()
  const first = (kind: AuthorityKind): readonly AuthorityKey[] => {
    const found = sealed.find(({ name }) => name === kind)
    if (found === undefined) throw missing(folder, kind, 1)
    const { publicKeyLine } = found
    return [{ version: 1, state: 'active', publicKeyLine, since, verified: [] }]
  }
  const authorities = { user: first('user'), host: first('host'), upstream: first('upstream') }
  return { format: 'sallyport-authorities/1', authorities }
}

function inUse(document: AuthorityDocument): readonly (readonly [AuthorityKind, AuthorityKey])[] {
  return authorityKinds.flatMap((kind) =>
    document.authorities[kind]
      .filter(({ state }) => state !== 'retired')
      .map((key) => [kind, key] as const),
  )
}

function missing(folder: string, kind: AuthorityKind, version: number): KeysError {
  const why = `version ${version} of the ${kind} authority is in authorities.json, but not in the vault`
  return new KeysError('ERR_KEYS_AUTHORITY_FILE', `${folder}: ${why}`)
}
