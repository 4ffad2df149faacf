import { Low } from 'lowdb'
import { acquireWriterLock, DurableJSONFile, removeLeftovers } from '../durable/index.ts'
import type { PublicKey } from '../publickey/index.ts'
import { addCandidates, addKeys, approveKey, releaseTarget, revokeKey, seenAt } from './change.ts'
import type { HostKeyAddition, HostKeyChange, HostKeyTerms } from './change.ts'
import { withConfigured } from './configured.ts'
import { readHostKeys, writeHostKeys } from './document.ts'
import type { HostKeysDocument } from './document.ts'
import type { HostKeyRecord, HostKeySource, Quarantine, TargetHostKeys } from './record.ts'

/** What became of a change, once it is on the disk. */
export type HostKeyOutcome =
  | { readonly kind: 'done'; readonly records: readonly HostKeyRecord[] }
  | { readonly kind: 'refused'; readonly message: string }

/** Who changes what is known, and why. */
export interface HostKeyActor {
  readonly by: string
  readonly reason?: string
}

/** A change that is in force when this is returned; the promise resolves when it is on the disk too. */
export interface Written<T> {
  readonly outcome: T
  readonly written: Promise<void>
}

/**
 * The host keys of targets, by the targets' names. What widens trust (pins, approvals, a release) is in force once it
 * is on the disk; what narrows it (a revocation, a quarantine) is in force at once, and stays so until the end of the
 * process when it cannot be written.
 */
export interface HostKeyStore {
  /** What is known of a target; nothing of one that nobody knows. */
  records(target: string): readonly HostKeyRecord[]
  /** Says since when nobody is let on to a target, what was pinned and what it showed instead. */
  isQuarantined(target: string): Quarantine | undefined
  pin(
    target: string,
    keys: readonly HostKeyAddition[],
    source: HostKeySource,
    actor: HostKeyActor,
  ): Promise<HostKeyOutcome>
  /** Adds keys that the target has proven to hold; `records` are those that are new. */
  addCandidates(
    target: string,
    keys: readonly PublicKey[],
    source: 'scan' | 'update',
    by: string,
  ): Promise<HostKeyOutcome>
  /** Pins a candidate and ends the quarantine. */
  approve(target: string, fingerprint: string, actor: HostKeyActor): Promise<HostKeyOutcome>
  revoke(target: string, fingerprint: string, actor: HostKeyActor): Written<HostKeyOutcome>
  release(target: string): Promise<HostKeyOutcome>
  /** Returns the quarantine that stands, which is an older one when there is one. */
  quarantine(target: string, mismatch: Omit<Quarantine, 'since'>): Written<Quarantine>
  /** Notes that the target has proven to hold a key; it is written at most once an hour. */
  seen(target: string, publicKey: PublicKey): Promise<void>
  /** Releases the file once running changes are written. */
  close(): Promise<void>
}

export interface HostKeyStoreOptions {
  readonly file: string
  /** The keys that the configuration pins, by target. */
  readonly configured: ReadonlyMap<string, readonly PublicKey[]>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Milliseconds: how exactly it is known when a key was last seen. A write for each connection would be too much. */
const SEEN_STEP = 3600_000

/**
 * Opens the store and keeps other writers out until it is closed. Throws `ERR_KEYS_FILE_LOCKED` while somebody else has
 * it, `ERR_KEYS_FILE_CORRUPT` or `ERR_KEYS_FILE_MODE` for a file that cannot be trusted.
 */
export async function openHostKeyStore(options: HostKeyStoreOptions): Promise<HostKeyStore> {
  const { file, configured, now } = options
  const lock = acquireWriterLock(file, { now })
  try {
    await removeLeftovers(file)
    const adapter = new DurableJSONFile<HostKeysDocument>(file, {
      parse: (value) => writeHostKeys(readHostKeys(value)),
    })
    const stored = (await adapter.read()) ?? writeHostKeys(new Map())
    const targets = readHostKeys(stored)
    for (const name of new Set([...targets.keys(), ...configured.keys()])) {
      targets.set(name, withConfigured(targets.get(name), configured.get(name) ?? []))
    }
    return createStore(targets, new Low(adapter, stored), now, () => lock.release())
  } catch (error) {
    lock.release()
    throw error
  }
}

type Change = (target: TargetHostKeys) => HostKeyChange

function createStore(
  targets: Map<string, TargetHostKeys>,
  low: Low<HostKeysDocument>,
  now: () => number,
  release: () => void,
): HostKeyStore {
  let last: Promise<unknown> = Promise.resolve()

  const of = (name: string): TargetHostKeys => targets.get(name) ?? { records: [] }
  const time = (): string => new Date(now()).toISOString()
  const termsOf = (actor: HostKeyActor): HostKeyTerms => ({ ...actor, at: time() })
  /** Writes run one after another, or an older state could be written over a newer one. */
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const done = last.then(run)
    last = done.catch(() => {})
    return done
  }
  const write = async (state: ReadonlyMap<string, TargetHostKeys>): Promise<void> => {
    low.data = writeHostKeys(state)
    await low.write()
  }
  /** Applies a change once it is written. What came into force meanwhile stays: the change is made again on top of it. */
  const whenWritten = (name: string, change: Change): Promise<HostKeyOutcome> =>
    inTurn(async () => {
      const planned = change(of(name))
      if (planned.kind === 'refused') return planned
      await write(new Map(targets).set(name, planned.target))
      const made = change(of(name))
      if (made.kind === 'refused') return made
      targets.set(name, made.target)
      return { kind: 'done', records: made.records }
    })
  const atOnce = (name: string, target: TargetHostKeys): Promise<void> => {
    targets.set(name, target)
    return inTurn(() => write(targets))
  }

  return {
    records: (name) => of(name).records,
    isQuarantined: (name) => of(name).quarantine,
    pin(name, keys, source, actor) {
      const terms = termsOf(actor)
      return whenWritten(name, (target) => addKeys(target, keys, source, terms))
    },
    addCandidates(name, keys, source, by) {
      const terms = termsOf({ by })
      return whenWritten(name, (target) => addCandidates(target, keys, source, terms))
    },
    approve(name, fingerprint, actor) {
      const terms = termsOf(actor)
      return whenWritten(name, (target) => approveKey(target, fingerprint, terms))
    },
    revoke(name, fingerprint, actor) {
      const change = revokeKey(of(name), fingerprint, termsOf(actor))
      if (change.kind === 'refused') return { outcome: change, written: Promise.resolve() }
      const written = atOnce(name, change.target)
      return { outcome: { kind: 'done', records: change.records }, written }
    },
    release: (name) => whenWritten(name, releaseTarget),
    quarantine(name, mismatch) {
      const target = of(name)
      const stands = target.quarantine
      if (stands !== undefined) return { outcome: stands, written: inTurn(async () => {}) }
      const quarantine = { since: time(), ...mismatch }
      return { outcome: quarantine, written: atOnce(name, { ...target, quarantine }) }
    },
    async seen(name, publicKey) {
      const target = of(name)
      const at = time()
      const recent = new Date(now() - SEEN_STEP).toISOString()
      const records = target.records.map((record) => {
        const other = !record.publicKey.blob.equals(publicKey.blob)
        return other || (record.lastSeen ?? '') > recent ? record : seenAt(record, at)
      })
      if (records.every((record, index) => record === target.records[index])) return
      await atOnce(name, { ...target, records })
    },
    async close() {
      await last
      release()
    },
  }
}
