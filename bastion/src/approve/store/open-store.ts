import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { createGrantStore, type GrantStore } from './grants.ts'
import { migrate } from './schema.ts'
import { createTicketStore, type TicketStore } from './tickets.ts'

export interface ApprovalStore {
  readonly tickets: TicketStore
  readonly grants: GrantStore
  /** Does all of `work` or nothing, on disk before it returns. */
  atomic<T>(work: () => T): T
  close(): void
}

/**
 * Opens the file (made 0600 when it is not there) for this process alone: a second bastion over the same tickets would
 * end those of the first. The caller closes it. Throws what SQLite throws, and ERR_BASTION_APPROVALS.
 */
export function openStore(file: string): ApprovalStore {
  closeSync(openSync(file, 'a', 0o600))
  const database = new DatabaseSync(file, { timeout: 100 })
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL')
    database.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
    migrate(database)
    // Takes the lock now, and not at the first ticket.
    database.exec('BEGIN EXCLUSIVE; COMMIT')
    return {
      tickets: createTicketStore(database),
      grants: createGrantStore(database),
      atomic: (work) => atomic(database, work),
      close: () => database.close(),
    }
  } catch (error) {
    database.close()
    throw error
  }
}

function atomic<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    // A full disk may have ended the transaction already.
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}
