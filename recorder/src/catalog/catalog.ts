import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { type CatalogReader, createReader } from './reader.ts'
import type { CommandRow } from '../rows/index.ts'
import type { ClosedChannel, EndedRecording, OpenedChannel, StartedRecording } from './changes.ts'
import { createFacetIndex } from './facet-index.ts'
import {
  facetOfStatus,
  facetsOfChannel,
  facetsOfCommand,
  facetsOfEnd,
  facetsOfStart,
} from './facets.ts'
import { migrate } from './schema.ts'
import { createSpans } from './spans.ts'
import { WriteQueue } from './write-queue.ts'

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
  const facets = createFacetIndex(database)
  const spans = createSpans(database)
  const numbered = '(SELECT number FROM recordings WHERE id = ?)'
  const insertRecording = database.prepare(
    `INSERT INTO recordings (id, started_at, status, identity, issuer, subject, login, target,
       client_address, entry, claims) VALUES (?, ?, 'running', ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const insertChannel = database.prepare(
    `INSERT INTO channels (recording, channel, kind, activity, cast_file, command, pty, started_at)
       VALUES (${numbered}, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const insertCommand = database.prepare(
    `INSERT INTO commands (recording, channel, at, offset, text, effect, rule, argv, message,
       judged, held) VALUES (${numbered}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const countCommand = database.prepare(
    'UPDATE recordings SET commands = commands + 1, denied = denied + ? WHERE id = ?',
  )
  const endChannel = database.prepare(
    `UPDATE channels SET ended_at = ?, exit_status = ?, exit_signal = ?, bytes = ?, truncated = ?
       WHERE recording = ${numbered} AND channel = ?`,
  )
  const addBytes = database.prepare('UPDATE recordings SET bytes = bytes + ? WHERE id = ?')
  const endRecording = database.prepare(
    `UPDATE recordings SET ended_at = ?, status = ? WHERE id = ? AND status = 'running'`,
  )
  const addEnding = database.prepare(`INSERT INTO endings (recording) VALUES (${numbered})`)
  const lastKnown = database.prepare(
    `SELECT max(r.started_at,
        coalesce((SELECT max(max(started_at, coalesce(ended_at, 0))) FROM channels
          WHERE recording = r.number), 0),
        coalesce((SELECT max(at) FROM commands WHERE recording = r.number), 0)) AS moment
      FROM recordings r WHERE r.id = ? AND r.status = 'running'`,
  )
  const end = (id: string, { endedAt, status }: EndedRecording): void => {
    if (endRecording.run(endedAt, status, id).changes === 0) return
    facets.remove(id, facetOfStatus('running'))
    facets.add(id, [facetOfStatus(status)])
    spans.end(id, endedAt)
    addEnding.run(id)
  }
  return {
    ...reader,
    recordingStarted(row) {
      const { id, startedAt, identity, issuer, subject, login, target, clientAddress, entry } = row
      const claims = JSON.stringify(row.claims)
      const known = facetsOfStart(row)
      queue.add(() => {
        const who = [identity, issuer, subject, login, target, clientAddress, entry]
        insertRecording.run(id, startedAt, ...who, claims)
        spans.begin(id, startedAt)
        facets.add(id, known)
      })
    },
    channelOpened(id, opened) {
      const { channel, kind, activity, castFile, command, pty, startedAt } = opened
      queue.add(() => {
        const what = [channel, kind, activity, castFile, command ?? null, Number(pty)]
        insertChannel.run(id, ...what, startedAt)
        facets.add(id, facetsOfChannel(opened))
      })
    },
    commandDecided(id, decided) {
      const { channel, at, offset, text, effect, rule, argv, message, judged, held } = decided
      const words = JSON.stringify(argv)
      queue.add(() => {
        const decision = [text, effect, rule, words, message ?? null, Number(judged), Number(held)]
        insertCommand.run(id, channel, at, offset, ...decision)
        countCommand.run(effect === 'deny' ? 1 : 0, id)
        facets.add(id, facetsOfCommand(decided))
      })
    },
    channelClosed(id, closed) {
      const { channel, endedAt, exitStatus, exitSignal, bytes, truncated } = closed
      queue.add(() => {
        const exit = [exitStatus ?? null, exitSignal ?? null]
        endChannel.run(endedAt, ...exit, bytes, Number(truncated), id, channel)
        addBytes.run(bytes, id)
        facets.add(id, facetsOfEnd(closed))
      })
    },
    recordingEnded(id, ended) {
      queue.add(() => end(id, ended))
    },
    markInterrupted(ids) {
      for (const id of ids) {
        queue.add(() => {
          const moment = lastKnown.get(id)?.['moment']
          if (typeof moment === 'number') end(id, { endedAt: moment, status: 'interrupted' })
        })
      }
    },
    flush: () => queue.flush(),
    close() {
      queue.close()
      database.close()
    },
  }
}
