import { closeSync, openSync } from 'node:fs'
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite'

/** Somebody looked at a recording, or took it away. `at` is in milliseconds since the epoch. */
export interface Access {
  readonly at: number
  readonly event: string
  readonly recordingId: string
  readonly channel?: number
  readonly part?: string
  readonly words?: string
  readonly name: string
  readonly subject: string
  readonly issuer: string
  readonly clientAddress: string
}

/** Who has looked at which recording. The audit log is the proof of it; this answers quickly. */
export interface Accesses {
  /** Throws what SQLite throws. */
  add(access: Access): void
  /** Returns the newest first. */
  of(recordingId: string, limit: number): readonly Access[]
  close(): void
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS accesses (
    number INTEGER PRIMARY KEY,
    recording TEXT NOT NULL,
    at INTEGER NOT NULL,
    event TEXT NOT NULL,
    channel INTEGER,
    part TEXT,
    words TEXT,
    name TEXT NOT NULL,
    subject TEXT NOT NULL,
    issuer TEXT NOT NULL,
    client_address TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS accesses_of_recording ON accesses (recording, number);
`

/** Returns the accesses in `file`, made (0600) when it is not there. The caller closes it. */
export function openAccesses(file: string): Accesses {
  closeSync(openSync(file, 'a', 0o600))
  const database = new DatabaseSync(file, { timeout: 100 })
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${SCHEMA}`)
  const insert = database.prepare(
    `INSERT INTO accesses (recording, at, event, channel, part, words, name, subject, issuer,
       client_address) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const select = database.prepare(
    'SELECT * FROM accesses WHERE recording = ? ORDER BY number DESC LIMIT ?',
  )
  return {
    add(access) {
      const { recordingId, at, event, channel, part, words } = access
      const { name, subject, issuer, clientAddress } = access
      const what = [channel ?? null, part ?? null, words ?? null]
      insert.run(recordingId, at, event, ...what, name, subject, issuer, clientAddress)
    },
    of: (recordingId, limit) => select.all(recordingId, limit).map(toAccess),
    close: () => database.close(),
  }
}

function toAccess(columns: Record<string, SQLOutputValue>): Access {
  const text = (name: string): string => String(columns[name] ?? '')
  const { channel, part, words } = columns
  return {
    at: Number(columns['at']),
    event: text('event'),
    recordingId: text('recording'),
    ...(typeof channel === 'number' ? { channel } : {}),
    ...(typeof part === 'string' ? { part } : {}),
    ...(typeof words === 'string' ? { words } : {}),
    name: text('name'),
    subject: text('subject'),
    issuer: text('issuer'),
    clientAddress: text('client_address'),
  }
}
