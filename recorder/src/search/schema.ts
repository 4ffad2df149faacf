import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { RecorderError } from '../errors.ts'

/**
 * `progress` says how far the catalog was read. Commands are found by any part of their text: only
 * their trigrams are here, the text is the catalog's. Output is found by words, and kept.
 */
const SCHEMA = `
  CREATE TABLE progress (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE VIRTUAL TABLE command_text USING fts5 (
    text, content = '', columnsize = 0, tokenize = 'trigram'
  );
  CREATE TABLE outputs (
    number INTEGER PRIMARY KEY,
    recording INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    offset REAL NOT NULL,
    text TEXT NOT NULL
  ) STRICT;
  CREATE VIRTUAL TABLE output_text USING fts5 (
    text, content = 'outputs', content_rowid = 'number', columnsize = 0,
    tokenize = "unicode61 remove_diacritics 2 tokenchars '_'"
  );
`
const VERSION = 1

/**
 * Returns the search index in `file`, made (0600) when it is not there, beside the catalog that it
 * is of, which is only read. Throws ERR_RECORDER_CATALOG_SCHEMA for the file of a later version.
 */
export function openIndex(file: string, catalogFile: string): DatabaseSync {
  closeSync(openSync(file, 'a', 0o600))
  const database = new DatabaseSync(file, { timeout: 2000 })
  try {
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      PRAGMA cache_size = -32768; PRAGMA foreign_keys = ON`)
    const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
    if (version > VERSION) {
      const message = `the search index has schema ${version}, this program knows ${VERSION}`
      throw new RecorderError('ERR_RECORDER_CATALOG_SCHEMA', message)
    }
    if (version === 0) {
      database.exec(`BEGIN IMMEDIATE; ${SCHEMA} PRAGMA user_version = ${VERSION}; COMMIT`)
    }
    const catalog = pathToFileURL(catalogFile)
    catalog.search = '?mode=ro'
    database.prepare('ATTACH ? AS catalog').run(catalog.href)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}
