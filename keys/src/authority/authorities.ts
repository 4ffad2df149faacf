import { access, readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import {
  acquireWriterLock,
  DurableJSONFile,
  removeLeftovers,
  syncFolder,
} from '../durable/index.ts'
import { KeysError } from '../errors.ts'
import { formatPublicKeyLine } from '../publickey/index.ts'
import { openAuthority } from './authority.ts'
import type { Authority } from './authority.ts'
import { parseAuthorityDocument } from './document.ts'
import type { AuthorityDocument } from './document.ts'
import type { AuthorityKind } from './key-file.ts'
import { createRotatingAuthority } from './rotating.ts'
import type { RotatingAuthority } from './rotating.ts'
import type { AuthorityKey } from './succession.ts'

export interface AuthoritiesOptions {
  /** Holds authorities.json and, per key, KIND-ca.key or KIND-ca.VERSION.key. */
  readonly folder: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly random?: (size: number) => Buffer
}

/** The three authorities. Whoever opened them closes them. */
export interface Authorities {
  readonly user: RotatingAuthority
  readonly host: RotatingAuthority
  readonly upstream: RotatingAuthority
  /** Waits for what is being written, and lets other writers in. */
  close(): Promise<void>
}

/**
 * Opens the authorities, and makes those that are missing, with one active key each. No one else can
 * write them until they are closed. Throws `ERR_KEYS_FILE_LOCKED` when somebody has them open,
 * `ERR_KEYS_AUTHORITY_FILE` when a key is not the one that authorities.json names, and what
 * `openAuthority` throws.
 */
export async function openAuthorities(options: AuthoritiesOptions): Promise<Authorities> {
  const file = join(options.folder, 'authorities.json')
  const lock = acquireWriterLock(file, { now: options.now })
  try {
    await removeLeftovers(file)
    return await open(options, file, () => lock.release())
  } catch (error) {
    lock.release()
    throw error
  }
}

async function open(
  options: AuthoritiesOptions,
  file: string,
  release: () => void,
): Promise<Authorities> {
  const { folder, now, random } = options
  const disk = new DurableJSONFile<AuthorityDocument>(file, { parse: parseAuthorityDocument })
  const openKey = (kind: AuthorityKind, version: number): Promise<Authority> =>
    openAuthority({
      file: join(folder, keyFileName(kind, version)),
      kind,
      now,
      ...(random === undefined ? {} : { random }),
    })
  const stored = await disk.read()
  let document = stored ?? (await firstDocument(options, openKey))
  if (stored === null) await disk.write(document)
  let last: Promise<unknown> = Promise.resolve()
  /** Changes run one after another, also those of different authorities: they share the file. */
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const done = last.then(run)
    last = done.catch(() => {})
    return done
  }
  const rotating = async (kind: AuthorityKind): Promise<RotatingAuthority> => {
    const keys = document.authorities[kind]
    await removeRetired(folder, kind, keys)
    return createRotatingAuthority({
      kind,
      now,
      keys,
      signers: await openSigners(folder, kind, keys, openKey),
      openKey: (version) => openKey(kind, version),
      inTurn,
      store: async (next) => {
        const changed = { ...document, authorities: { ...document.authorities, [kind]: next } }
        await disk.write(changed)
        document = changed
      },
      stored: (next) => removeRetired(folder, kind, next),
    })
  }
  return {
    user: await rotating('user'),
    host: await rotating('host'),
    upstream: await rotating('upstream'),
    async close() {
      await last
      release()
    },
  }
}

type OpenKey = (kind: AuthorityKind, version: number) => Promise<Authority>

/**
 * The first keys have the names that they had when there was one of each. Later keys without a
 * document mean that it was lost: which of them signs is not for us to guess.
 */
async function firstDocument(
  { folder, now }: AuthoritiesOptions,
  openKey: OpenKey,
): Promise<AuthorityDocument> {
  const later = (await readdir(folder)).find((name) =>
    /^(user|host|upstream)-ca\.\d+\.key$/.test(name),
  )
  if (later !== undefined) {
    const why = `authorities.json is missing, but ${later} is there; restore it from a backup`
    throw new KeysError('ERR_KEYS_AUTHORITY_FILE', `${folder}: ${why}`)
  }
  const since = new Date(now()).toISOString()
  const first = async (kind: AuthorityKind): Promise<readonly AuthorityKey[]> => {
    const { publicKey } = await openKey(kind, 1)
    const publicKeyLine = formatPublicKeyLine(publicKey.blob)
    return [{ version: 1, state: 'active', publicKeyLine, since, verified: [] }]
  }
  const [user, host, upstream] = [await first('user'), await first('host'), await first('upstream')]
  return { format: 'sallyport-authorities/1', authorities: { user, host, upstream } }
}

async function openSigners(
  folder: string,
  kind: AuthorityKind,
  keys: readonly AuthorityKey[],
  openKey: OpenKey,
): Promise<ReadonlyMap<number, Authority>> {
  const signers = new Map<number, Authority>()
  for (const { version, state, publicKeyLine } of keys) {
    if (state === 'retired') continue
    const file = join(folder, keyFileName(kind, version))
    // To open it would make a new one.
    if (!(await isThere(file))) {
      throw new KeysError('ERR_KEYS_AUTHORITY_FILE', `authority file ${file} is missing`)
    }
    const authority = await openKey(kind, version)
    if (formatPublicKeyLine(authority.publicKey.blob) !== publicKeyLine) {
      const why = `authority file ${file} holds another key than authorities.json says`
      throw new KeysError('ERR_KEYS_AUTHORITY_FILE', why)
    }
    signers.set(version, authority)
  }
  return signers
}

async function isThere(file: string): Promise<boolean> {
  try {
    await access(file)
    return true
  } catch {
    return false
  }
}

/** What is retired cannot sign again: its key goes, after the state is on the disk. */
async function removeRetired(
  folder: string,
  kind: AuthorityKind,
  keys: readonly AuthorityKey[],
): Promise<void> {
  let removed = 0
  for (const { version, state } of keys) {
    if (state !== 'retired') continue
    removed += (await unlinkIfThere(join(folder, keyFileName(kind, version)))) ? 1 : 0
  }
  if (removed > 0) await syncFolder(folder)
}

async function unlinkIfThere(file: string): Promise<boolean> {
  try {
    await unlink(file)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}

function keyFileName(kind: AuthorityKind, version: number): string {
  return version === 1 ? `${kind}-ca.key` : `${kind}-ca.${version}.key`
}
