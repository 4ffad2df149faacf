import type { DatabaseSync } from 'node:sqlite'
import { RecorderError } from '../errors.ts'
import { FINDABLE } from './schema-findable.ts'

/** The first version. */
export const FIRST = `
  CREATE TABLE recordings (
    id TEXT PRIMARY KEY,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    status TEXT NOT NULL CHECK (status IN ('running', 'ended', 'interrupted', 'failed')),
    identity TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    login TEXT NOT NULL,
    target TEXT NOT NULL,
    client_address TEXT NOT NULL,
    entry TEXT NOT NULL,
    bytes INTEGER NOT NULL DEFAULT 0,
    commands INTEGER NOT NULL DEFAULT 0,
    denied INTEGER NOT NULL DEFAULT 0,
    claims TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX recordings_by_start ON recordings (started_at, id);
  CREATE INDEX recordings_running ON recordings (id) WHERE status = 'running';
  CREATE TABLE channels (
    recording TEXT NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
    channel INTEGER NOT NULL,
    kind TEXT NOT NULL,
    cast_file TEXT NOT NULL,
    command TEXT,
    pty INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    exit_status INTEGER,
    exit_signal TEXT,
    bytes INTEGER NOT NULL DEFAULT 0,
    truncated INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (recording, channel)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE commands (
    number INTEGER PRIMARY KEY,
    recording TEXT NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
    channel INTEGER NOT NULL,
    at INTEGER NOT NULL,
    offset REAL NOT NULL,
    text TEXT NOT NULL,
    effect TEXT NOT NULL CHECK (effect IN ('allow', 'deny')),
    rule TEXT NOT NULL,
    argv TEXT NOT NULL,
    message TEXT,
    judged INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX commands_of_recording ON commands (recording, number);
`

/** Each entry takes the schema one version further; entries are never changed, only added. */
const MIGRATIONS: readonly string[] = [FIRST, FINDABLE]

/**
 * Brings the catalog to the newest schema, each step in a transaction of its own. Throws
 * ERR_RECORDER_CATALOG_SCHEMA when a later version of this program has written it.
 */
export function migrate(database: DatabaseSync): void {
  const row = database.prepare('PRAGMA user_version').get()
  const version = Number(row?.['user_version'])
  if (version > MIGRATIONS.length) {
    const message = `the catalog has schema ${version}, this program knows ${MIGRATIONS.length}`
    throw new RecorderError('ERR_RECORDER_CATALOG_SCHEMA', message)
  }
  for (const [index, sql] of MIGRATIONS.entries()) {
    if (index < version) continue
    database.exec(`BEGIN IMMEDIATE; ${sql} PRAGMA user_version = ${index + 1}; COMMIT`)
  }
}
