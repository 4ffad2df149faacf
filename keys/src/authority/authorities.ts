import { join } from 'node:path'
import { acquireWriterLock, DurableJSONFile, removeLeftovers } from '../durable/index.ts'
import type { AuthorityKeys, Signer } from '../vault/index.ts'
import { createAuthority } from './authority.ts'
import type { Authority } from './authority.ts'
import { parseAuthorityDocument } from './document.ts'
import type { AuthorityDocument } from './document.ts'
import type { AuthorityKind } from './kind.ts'
import { removePlainKeys } from './plain-keys.ts'
import type { PlainKeyOutcome } from './plain-keys.ts'
import { createRotatingAuthority } from './rotating.ts'
import type { RotatingAuthority } from './rotating.ts'
import { sealKeys } from './seal-keys.ts'
import type { AuthorityKey } from './succession.ts'

export interface AuthoritiesOptions {
  /** Holds authorities.json, which says of each key what it is used for. */
  readonly folder: string
  /** Holds the private keys. It must stay open until the authorities are closed. */
  readonly keys: AuthorityKeys
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly random?: (size: number) => Buffer
  /** Called for each plain key file that was found, once its key is safe in the vault. */
  readonly onPlainKey?: (outcome: PlainKeyOutcome) => void
}

/** The three authorities. Whoever opened them closes them. */
export interface Authorities {
  readonly user: RotatingAuthority
  readonly host: RotatingAuthority
  readonly upstream: RotatingAuthority
  /** Waits for what is being written, lets go of the private keys, and lets other writers in. */
  close(): Promise<void>
}

/**
 * Opens the authorities, and makes those that are missing, with one active key each. No one else can
 * write them until they are closed. Throws `ERR_KEYS_FILE_LOCKED` when somebody has them open,
 * `ERR_KEYS_AUTHORITY_FILE` when a key is not the one that authorities.json names, and what the vault
 * throws for keys that cannot be opened.
 */
export async function openAuthorities(options: AuthoritiesOptions): Promise<Authorities> {
  const file = join(options.folder, 'authorities.json')
  const lock = acquireWriterLock(file, { now: options.now })
  const signers = new Map<string, Signer>()
  const release = (): void => {
    for (const signer of signers.values()) signer.close()
    lock.release()
  }
  try {
    await removeLeftovers(file)
    return await open(options, file, { signers, release })
  } catch (error) {
    release()
    throw error
  }
}

interface Held {
  /** By the name of the key. */
  readonly signers: Map<string, Signer>
  readonly release: () => void
}

async function open(
  options: AuthoritiesOptions,
  file: string,
  { signers, release }: Held,
): Promise<Authorities> {
  const { folder, keys: sealed, now, random, onPlainKey } = options
  const disk = new DurableJSONFile<AuthorityDocument>(file, { parse: parseAuthorityDocument })
  const stored = await disk.read()
  const { document: first, plain } = await sealKeys({ folder, keys: sealed, stored, now })
  let document = first
  if (stored === null) await disk.write(document)
  if (plain.keys.length > 0 || plain.unused.length > 0) {
    await sealed.assertOnDisk()
    for (const outcome of await removePlainKeys(folder, plain)) onPlainKey?.(outcome)
  }

  const openKey = async (kind: AuthorityKind, version: number): Promise<Authority> => {
    const signer = await sealed.signer(kind, version)
    signers.set(`${kind} ${version}`, signer)
    return createAuthority({ signer, kind, now, ...(random === undefined ? {} : { random }) })
  }
  let last: Promise<unknown> = Promise.resolve()
  /** Changes run one after another, also those of different authorities: they share the file. */
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const done = last.then(run)
    last = done.catch(() => {})
    return done
  }
  /** What is retired cannot sign again: its key goes, after the state is on the disk. */
  const removeRetired = async (
    kind: AuthorityKind,
    keys: readonly AuthorityKey[],
  ): Promise<void> => {
    const retired = keys.filter(isRetired)
    for (const { version } of retired) {
      signers.get(`${kind} ${version}`)?.close()
      signers.delete(`${kind} ${version}`)
    }
    await sealed.remove(retired.map(({ version }) => ({ name: kind, version })))
  }
  const rotating = async (kind: AuthorityKind): Promise<RotatingAuthority> => {
    const keys = document.authorities[kind]
    await removeRetired(kind, keys)
    const opened = new Map<number, Authority>()
    for (const key of keys) {
      if (!isRetired(key)) opened.set(key.version, await openKey(kind, key.version))
    }
    return createRotatingAuthority({
      kind,
      now,
      keys,
      signers: opened,
      openKey: async (version) => {
        // A crash may have left it sealed and without an entry in the list.
        const known = sealed.list().some((one) => one.name === kind && one.version === version)
        if (!known) await sealed.add([{ name: kind, version }])
        return openKey(kind, version)
      },
      inTurn,
      store: async (next) => {
        const changed = { ...document, authorities: { ...document.authorities, [kind]: next } }
        await disk.write(changed)
        document = changed
      },
      stored: (next) => removeRetired(kind, next),
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

function isRetired({ state }: AuthorityKey): boolean {
  return state === 'retired'
}
