import type { DatabaseSync } from 'node:sqlite'

/** How far the catalog was read, by names of our own; 0 at the beginning. */
export interface Progress {
  get(name: string): number
  set(name: string, value: number): void
}

/** Returns the progress that `database` keeps. */
export function createProgress(database: DatabaseSync): Progress {
  const read = database.prepare('SELECT value FROM progress WHERE name = ?')
  const write = database.prepare('INSERT OR REPLACE INTO progress (name, value) VALUES (?, ?)')
  return {
    get: (name) => Number(read.get(name)?.['value'] ?? 0),
    set: (name, value) => {
      write.run(name, value)
    },
  }
}

/** Does `work` in one transaction: all of it, or nothing. */
export function transact(database: DatabaseSync, work: () => void): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    work()
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}
