import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { KeysError } from '../errors.ts'

/** The right to be the only writer. Whoever acquired it releases it; the end of the process does too. */
export interface WriterLock {
  release(): void
}

export interface WriterLockOptions {
  /** Milliseconds since 1970; told to those who are refused. */
  readonly now: () => number
}

/**
 * Returns the lock on `file`, held in `file.lock`. Throws `ERR_KEYS_FILE_LOCKED`, naming the process
 * that holds it.
 *
 * The kernel keeps the lock (SQLite's, on an otherwise empty database) and drops it with the process.
 * A file that holds a process id would have to be judged stale by its readers, who cannot see into
 * other containers, are fooled when ids are used again, and race each other when they take it over.
 */
export function acquireWriterLock(file: string, options: WriterLockOptions): WriterLock {
  const path = `${file}.lock`
  createPrivate(path)
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    introduce(database, options.now())
    // Readers may still look at the holder: this is the lock on writing.
    database.exec('BEGIN IMMEDIATE')
  } catch (cause) {
    const message = isBusy(cause)
      ? `${file} is in use by ${holderOf(database)}`
      : `cannot lock ${file}`
    database.close()
    throw new KeysError('ERR_KEYS_FILE_LOCKED', message, { cause })
  }
  let held = true
  return {
    release() {
      if (held) database.close()
      held = false
    },
  }
}

/**
 * Only a new file is opened here: to close any handle of a locked file would drop the locks that this
 * process has on it (POSIX), which is also why nobody else may open it.
 */
function createPrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
      throw new KeysError('ERR_KEYS_FILE_LOCKED', `cannot create ${path}`, { cause: error })
    }
  }
}

function introduce(database: DatabaseSync, now: number): void {
  database.exec('BEGIN IMMEDIATE')
  database.exec('CREATE TABLE IF NOT EXISTS holder (pid INTEGER, since TEXT) STRICT')
  database.exec('DELETE FROM holder')
  const since = new Date(now).toISOString()
  database.prepare('INSERT INTO holder VALUES (?, ?)').run(process.pid, since)
  // Those who were refused may be reading the name of the holder, which takes them no time.
  database.exec('PRAGMA busy_timeout = 2000; COMMIT; PRAGMA busy_timeout = 0')
}

function holderOf(database: DatabaseSync): string {
  try {
    const row = database.prepare('SELECT format(?, pid, since) AS text FROM holder')
    const text = row.get('process %d since %s')?.['text']
    if (typeof text === 'string') return text
  } catch {
    // The holder is writing its own name at this moment.
  }
  return 'another process'
}

// https://sqlite.org/rescode.html: SQLITE_BUSY
const busy = 5

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === busy
}
