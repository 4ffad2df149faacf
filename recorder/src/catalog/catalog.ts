import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { type CatalogReader, createReader } from './reader.ts'
import type { ChannelRow, CommandRow, RecordingRow, RecordingStatus } from './rows.ts'
import { migrate } from './schema.ts'
import { WriteQueue } from './write-queue.ts'

/** A recording that begins. */
export type StartedRecording = Omit<
  RecordingRow,
  'endedAt' | 'status' | 'bytes' | 'commands' | 'denied' | 'firstChannel'
>

/** A channel that begins. */
export type OpenedChannel = Pick<
  ChannelRow,
  'channel' | 'kind' | 'castFile' | 'command' | 'pty' | 'startedAt'
>

/** A channel that ended. */
export type ClosedChannel = Pick<
  ChannelRow,
  'channel' | 'exitStatus' | 'exitSignal' | 'bytes' | 'truncated'
> & {
  readonly endedAt: number
}

/** How a recording ended. */
export interface EndedRecording {
  readonly endedAt: number
  readonly status: Exclude<RecordingStatus, 'running'>
}

/**
 * The list of what was recorded. Its methods that change something return at once and never throw
 * for a failing disk: the changes are committed together a little later, failures reach `onError`.
 * Its reading methods see all changes made before.
 */
export interface Catalog extends CatalogReader {
  recordingStarted(recording: StartedRecording): void
  channelOpened(recordingId: string, channel: OpenedChannel): void
  commandDecided(recordingId: string, command: CommandRow): void
  channelClosed(recordingId: string, channel: ClosedChannel): void
  recordingEnded(recordingId: string, end: EndedRecording): void
  /** Marks recordings that never came to an end; those that did stay as they are. */
  markInterrupted(recordingIds: readonly string[]): void
  /** Commits all changes now; false when some could not be. */
  flush(): boolean
  /** Commits all changes and closes the file. */
  close(): void
}

/** What a catalog needs. */
export interface CatalogOptions {
  readonly file: string
  /** Hears of changes that could not be committed. */
  readonly onError: (error: unknown) => void
}

/**
 * Returns the catalog in `file`, made (0600) when it is not there. The caller closes it. Throws
 * ERR_RECORDER_CATALOG_SCHEMA for the file of a later version, and what SQLite throws.
 */
export function openCatalog(options: CatalogOptions): Catalog {
  // SQLite gives its side files the mode of the main one, but makes that with the umask's.
  closeSync(openSync(options.file, 'a', 0o600))
  const database = new DatabaseSync(options.file, { timeout: 100 })
  try {
    database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON',
    )
    migrate(database)
    return createCatalog(database, options.onError)
  } catch (error) {
    database.close()
    throw error
  }
}

function createCatalog(database: DatabaseSync, onError: (error: unknown) => void): Catalog {
  const queue = new WriteQueue(database, onError)
  const reader = createReader(database, () => queue.flush())
  const insertRecording = database.prepare(
    `INSERT INTO recordings (id, started_at, status, identity, issuer, subject, login, target,
       client_address, entry, claims) VALUES (?, ?, 'running', ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const insertChannel = database.prepare(
    `INSERT INTO channels (recording, channel, kind, cast_file, command, pty, started_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
  )
  const insertCommand = database.prepare(
    `INSERT INTO commands (recording, channel, at, offset, text, effect, rule, argv, message, judged)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const countCommand = database.prepare(
    'UPDATE recordings SET commands = commands + 1, denied = denied + ? WHERE id = ?',
  )
  const endChannel = database.prepare(
    `UPDATE channels SET ended_at = ?, exit_status = ?, exit_signal = ?, bytes = ?, truncated = ?
       WHERE recording = ? AND channel = ?`,
  )
  const addBytes = database.prepare('UPDATE recordings SET bytes = bytes + ? WHERE id = ?')
  const endRecording = database.prepare(
    'UPDATE recordings SET ended_at = ?, status = ? WHERE id = ?',
  )
  const interrupt = database.prepare(
    "UPDATE recordings SET status = 'interrupted' WHERE id = ? AND status = 'running'",
  )
  return {
    ...reader,
    recordingStarted(row) {
      const { id, startedAt, identity, issuer, subject, login, target, clientAddress, entry } = row
      const claims = JSON.stringify(row.claims)
      queue.add(() => {
        const who = [identity, issuer, subject, login, target, clientAddress, entry]
        insertRecording.run(id, startedAt, ...who, claims)
      })
    },
    channelOpened(id, { channel, kind, castFile, command, pty, startedAt }) {
      queue.add(() => {
        insertChannel.run(id, channel, kind, castFile, command ?? null, Number(pty), startedAt)
      })
    },
    commandDecided(id, { channel, at, offset, text, effect, rule, argv, message, judged }) {
      const words = JSON.stringify(argv)
      const flag = Number(judged)
      queue.add(() => {
        const decision = [text, effect, rule, words, message ?? null, flag]
        insertCommand.run(id, channel, at, offset, ...decision)
        countCommand.run(effect === 'deny' ? 1 : 0, id)
      })
    },
    channelClosed(id, { channel, endedAt, exitStatus, exitSignal, bytes, truncated }) {
      queue.add(() => {
        const exit = [exitStatus ?? null, exitSignal ?? null]
        endChannel.run(endedAt, ...exit, bytes, Number(truncated), id, channel)
        addBytes.run(bytes, id)
      })
    },
    recordingEnded(id, { endedAt, status }) {
      queue.add(() => endRecording.run(endedAt, status, id))
    },
    markInterrupted(ids) {
      for (const id of ids) queue.add(() => interrupt.run(id))
    },
    flush: () => queue.flush(),
    close() {
      queue.close()
      database.close()
    },
  }
}
