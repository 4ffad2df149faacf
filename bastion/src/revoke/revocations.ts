import { acquireWriterLock, DurableJSONFile, removeLeftovers } from '@sallyport/keys/durable'
import { randomBytes } from 'node:crypto'
import { parseRevocationDocument, type RevocationDocument } from './document.ts'
import { keyOf, keysOf, type Revocable, type Revocation, type RevokedThing } from './revocation.ts'

export interface RevocationTerms {
  readonly reason: string
  readonly by: string
  /** When it may be forgotten; undefined for never. */
  readonly expiresAt?: Date | undefined
}

/** The list of what is revoked. */
export interface Revocations {
  /** Returns a revocation that hits, or undefined. */
  find(who: Revocable): Revocation | undefined
  list(): readonly Revocation[]
  /**
   * Adds one. It is in force when this returns; the promise resolves when it is on the disk too. When it cannot be
   * written it stays in force until the end of the process, and the promise rejects.
   */
  add(what: RevokedThing, terms: RevocationTerms): Added
  /** Takes one from the list, and only once that is on the disk; undefined when there is none of that id. */
  lift(id: string): Promise<Revocation | undefined>
  close(): Promise<void>
}

export interface Added {
  readonly revocation: Revocation
  readonly written: Promise<void>
}

export interface RevocationsOptions {
  readonly file: string
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/**
 * Opens the list and keeps other writers out until it is closed. Throws `ERR_KEYS_FILE_CORRUPT` or
 * `ERR_KEYS_FILE_MODE` for a file that cannot be trusted, `ERR_KEYS_FILE_LOCKED` when somebody else has it.
 */
export async function openRevocations({ file, now }: RevocationsOptions): Promise<Revocations> {
  const lock = acquireWriterLock(file, { now })
  const disk = new DurableJSONFile<RevocationDocument>(file, { parse: parseRevocationDocument })
  try {
    await removeLeftovers(file)
    const stored = await disk.read()
    return createRevocations(stored?.revocations ?? [], disk, now, () => lock.release())
  } catch (error) {
    lock.release()
    throw error
  }
}

function createRevocations(
  stored: readonly Revocation[],
  disk: DurableJSONFile<RevocationDocument>,
  now: () => number,
  release: () => void,
): Revocations {
  const byId = new Map(stored.map((revocation) => [revocation.id, revocation]))
  const byKey = new Map<string, Set<Revocation>>()
  let last: Promise<void> = Promise.resolve()

  const index = (revocation: Revocation): void => {
    const key = keyOf(revocation.what)
    const known = byKey.get(key)
    if (known === undefined) byKey.set(key, new Set([revocation]))
    else known.add(revocation)
  }
  const forget = (revocation: Revocation): void => {
    const key = keyOf(revocation.what)
    byId.delete(revocation.id)
    byKey.get(key)?.delete(revocation)
    if (byKey.get(key)?.size === 0) byKey.delete(key)
  }
  const stands = ({ expiresAt }: Revocation): boolean => {
    return expiresAt === undefined || now() < Date.parse(expiresAt)
  }
  /** Changes run one after another, or an older state could be written over a newer one. */
  const inTurn = (change: () => Promise<void>): Promise<void> => {
    const run = last.then(change)
    last = run.catch(() => {})
    return run
  }
  const write = async (without?: Revocation): Promise<void> => {
    for (const revocation of byId.values()) if (!stands(revocation)) forget(revocation)
    const revocations = [...byId.values()].filter((revocation) => revocation !== without)
    await disk.write({ format: 'sallyport-revocations/1', revocations })
  }
  for (const revocation of stored) index(revocation)

  return {
    find(who) {
      for (const key of keysOf(who)) {
        for (const revocation of byKey.get(key) ?? []) if (stands(revocation)) return revocation
      }
      return undefined
    },
    list: () => [...byId.values()].filter(stands),
    add(what, { reason, by, expiresAt }) {
      const revocation: Revocation = {
        id: randomBytes(6).toString('hex'),
        what,
        reason,
        by,
        at: new Date(now()).toISOString(),
        ...(expiresAt === undefined ? {} : { expiresAt: expiresAt.toISOString() }),
      }
      byId.set(revocation.id, revocation)
      index(revocation)
      return { revocation, written: inTurn(() => write()) }
    },
    async lift(id) {
      let lifted: Revocation | undefined
      await inTurn(async () => {
        const revocation = byId.get(id)
        if (revocation === undefined) return
        await write(revocation)
        forget(revocation)
        lifted = revocation
      })
      return lifted
    },
    async close() {
      await last
      release()
    },
  }
}
