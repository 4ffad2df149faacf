import type { DatabaseSync } from 'node:sqlite'
import { BastionError } from '../../errors.ts'

/** Each entry takes the schema one version further; entries are never changed, only added. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE tickets (
    id TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    state TEXT NOT NULL
      CHECK (state IN ('pending', 'approved', 'used', 'refused', 'expired', 'cancelled')),
    asked_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    bound TEXT NOT NULL,
    send BLOB NOT NULL,
    ended_at INTEGER,
    ended_by TEXT,
    end_reason TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tickets_open ON tickets (asked_at) WHERE state IN ('pending', 'approved');
  CREATE INDEX tickets_ended ON tickets (ended_at) WHERE ended_at IS NOT NULL;
  CREATE TABLE approvals (
    ticket TEXT NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    person TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (ticket, issuer, subject)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE grants (
    id TEXT PRIMARY KEY,
    cover TEXT NOT NULL,
    until INTEGER NOT NULL,
    details TEXT NOT NULL,
    ended_at INTEGER,
    end_reason TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX grants_open ON grants (cover, until) WHERE ended_at IS NULL;
  `,
]

/** Brings the file to the schema that this program knows. Throws ERR_BASTION_APPROVALS for a later one. */
export function migrate(database: DatabaseSync): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
  if (version > MIGRATIONS.length) {
    const text = `the approvals have schema ${version}, this program knows ${MIGRATIONS.length}`
    throw new BastionError('ERR_BASTION_APPROVALS', text)
  }
  for (const [index, sql] of MIGRATIONS.entries()) {
    if (index < version) continue
    database.exec(`BEGIN IMMEDIATE; ${sql} PRAGMA user_version = ${index + 1}; COMMIT`)
  }
}
