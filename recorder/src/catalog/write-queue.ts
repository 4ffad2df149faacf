import type { DatabaseSync } from 'node:sqlite'

/** More changes than this are not kept while the disk refuses them. */
const QUEUE_LIMIT = 10_000
const RETRY_MS = 1000

// SQLite's primary result codes for a world that may get better: BUSY, LOCKED, NOMEM, IOERR, FULL.
const TRANSIENT = new Set([5, 6, 7, 10, 13])

/** One change to the catalog. */
export type Change = () => void

/**
 * Commits changes together, after the events that caused them were dealt with. Changes that fail
 * because of the disk are kept and tried again; a change that is wrong in itself is dropped. Both
 * are reported, and nothing is thrown.
 */
export class WriteQueue {
  readonly #database: DatabaseSync
  readonly #onError: (error: unknown) => void
  #changes: Change[] = []
  #scheduled: NodeJS.Immediate | undefined
  #retry: NodeJS.Timeout | undefined

  constructor(database: DatabaseSync, onError: (error: unknown) => void) {
    this.#database = database
    this.#onError = onError
  }

  /** Adds a change, to be committed soon. */
  add(change: Change): void {
    if (this.#changes.length >= QUEUE_LIMIT) {
      this.#onError(new Error('a change to the catalog was lost: too many wait for the disk'))
      return
    }
    this.#changes.push(change)
    if (this.#retry === undefined) this.#scheduled ??= setImmediate(() => this.flush())
  }

  /** Commits what waits; returns false when something still waits afterwards. */
  flush(): boolean {
    clearImmediate(this.#scheduled)
    clearTimeout(this.#retry)
    this.#scheduled = undefined
    this.#retry = undefined
    const changes = this.#changes
    if (changes.length === 0) return true
    this.#changes = []
    const left = this.#commit(changes)
    this.#changes = [...left, ...this.#changes]
    if (this.#changes.length === 0) return true
    this.#retry = setTimeout(() => this.flush(), RETRY_MS).unref()
    return false
  }

  /** Commits what waits, for the last time. */
  close(): void {
    this.flush()
    clearTimeout(this.#retry)
  }

  /** Returns the changes that are to be tried again. */
  #commit(changes: readonly Change[]): readonly Change[] {
    try {
      this.#transaction(() => changes.forEach((change) => change()))
      return []
    } catch (error) {
      if (isTransient(error)) {
        this.#onError(error)
        return changes
      }
      if (changes.length === 1) {
        this.#onError(error)
        return []
      }
    }
    // One of them is wrong: alone, the others go through, in their order.
    const left: Change[] = []
    for (const change of changes) left.push(...this.#commit([change]))
    return left
  }

  #transaction(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      work()
      this.#database.exec('COMMIT')
    } catch (error) {
      // A full disk may have ended the transaction already.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }
}

function isTransient(error: unknown): boolean {
  if (!(error instanceof Error && 'errcode' in error)) return false
  return typeof error.errcode === 'number' && TRANSIENT.has(error.errcode & 0xff)
}
