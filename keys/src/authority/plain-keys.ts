import type { KeyObject } from 'node:crypto'
import { readdir, realpath, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { readPrivateFile, syncFolder } from '../durable/index.ts'
import { KeysError } from '../errors.ts'
import { formatPublicKeyLine, publicKeyFrom } from '../publickey/index.ts'
import { parsePrivateKey } from '../vault/index.ts'
import type { AuthorityDocument } from './document.ts'
import { authorityKinds } from './kind.ts'
import type { AuthorityKind } from './kind.ts'

/**
 * The keys of authorities used to be plain files in the data folder, KIND-ca.key or KIND-ca.VERSION.key.
 * They are taken into the vault and then removed; nothing makes such files any more.
 */
export interface PlainKey {
  readonly kind: AuthorityKind
  readonly version: number
  readonly file: string
  readonly key: KeyObject
  readonly publicKeyLine: string
}

/** The plain files in a folder. */
export interface PlainKeys {
  /** Those whose keys are in use. */
  readonly keys: readonly PlainKey[]
  /** Those that sign nothing: of retired keys, of keys that got into no list, and what a crash left half made. */
  readonly unused: readonly string[]
}

/** What became of a plain file. */
export interface PlainKeyOutcome {
  readonly kind: 'removed' | 'left'
  readonly file: string
  /** Which key it holds, which is in the vault now; undefined for a file that nothing needs. */
  readonly authority?: AuthorityKind
  readonly version?: number
  readonly publicKeyLine?: string
  /** Where the key lies still, when the file was a link to it. */
  readonly remains?: string
  /** Why the file could not be removed. */
  readonly why?: string
}

const plainName = /^(user|host|upstream)-ca(?:\.([1-9][0-9]{0,8}))?\.key$/
/** A new file had this name until it was whole. */
const unfinishedName = /^\.(?:user|host|upstream)-ca(?:\.[0-9]{1,9})?\.key\.[0-9a-f]{16}$/

/**
 * Returns the plain files in `folder`; `document` is undefined when there is no list yet. Throws
 * `ERR_KEYS_AUTHORITY_FILE` for a file that should hold a key and does not, and when there are several keys
 * and no list: which of them signs is not for us to guess.
 */
export async function readPlainKeys(
  folder: string,
  document: AuthorityDocument | undefined,
): Promise<PlainKeys> {
  const keys: PlainKey[] = []
  const unused: string[] = []
  for (const name of (await readdir(folder)).toSorted()) {
    const file = join(folder, name)
    const [, kindName, number = '1'] = plainName.exec(name) ?? []
    const kind = authorityKinds.find((one) => one === kindName)
    const version = Number(number)
    if (kind === undefined) {
      if (unfinishedName.test(name)) unused.push(file)
    } else if (document === undefined) {
      if (version !== 1) throw listIsMissing(folder, name)
      keys.push(await readPlainKey(file, kind, version))
    } else {
      const listed = document.authorities[kind].find((one) => one.version === version)
      if (listed === undefined || listed.state === 'retired') unused.push(file)
      else keys.push(await readPlainKey(file, kind, version))
    }
  }
  return { keys, unused }
}

/** Says that there are keys, by `name`, and no list that tells which of them signs. */
export function listIsMissing(folder: string, name: string): KeysError {
  const why = `authorities.json is missing, but ${name} is there; restore it from a backup`
  return new KeysError('ERR_KEYS_AUTHORITY_FILE', `${folder}: ${why}`)
}

/** Removes plain files. What cannot be removed, such as a mounted one, is left and said. */
export async function removePlainKeys(
  folder: string,
  { keys, unused }: PlainKeys,
): Promise<readonly PlainKeyOutcome[]> {
  const outcomes: PlainKeyOutcome[] = []
  for (const { kind, version, file, publicKeyLine } of keys) {
    const outcome = await removeFile(file)
    outcomes.push({ ...outcome, authority: kind, version, publicKeyLine })
  }
  for (const file of unused) outcomes.push(await removeFile(file))
  if (outcomes.length > 0) await syncFolder(folder)
  return outcomes
}

async function removeFile(file: string): Promise<PlainKeyOutcome> {
  try {
    const own = join(await realpath(dirname(file)), basename(file))
    const place = await realpath(file)
    await unlink(file)
    return { kind: 'removed', file, ...(place === own ? {} : { remains: place }) }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    return { kind: 'left', file, why: String(code ?? error) }
  }
}

async function readPlainKey(file: string, kind: AuthorityKind, version: number): Promise<PlainKey> {
  const bytes = await readPrivateFile(file)
  if (bytes === undefined) throw fileError(file, 'vanished while it was read')
  try {
    const other = authorityKinds.find((one) => one !== kind && bytes.indexOf(titleOf(one)) === 0)
    if (other !== undefined) {
      throw fileError(file, `holds the ${other} authority, expected the ${kind} authority`)
    }
    const key = decode(file, bytes)
    return { kind, version, file, key, publicKeyLine: formatPublicKeyLine(publicKeyFrom(key).blob) }
  } finally {
    bytes.fill(0)
  }
}

function decode(file: string, bytes: Buffer): KeyObject {
  try {
    return parsePrivateKey(bytes).key
  } catch (cause) {
    throw fileError(file, 'holds no unencrypted private key', cause)
  }
}

function titleOf(kind: AuthorityKind): string {
  return `Sallyport ${kind} authority\n`
}

function fileError(file: string, why: string, cause?: unknown): KeysError {
  return new KeysError('ERR_KEYS_AUTHORITY_FILE', `authority file ${file} ${why}`, { cause })
}
