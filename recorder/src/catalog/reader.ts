import type { DatabaseSync } from 'node:sqlite'
import type { ListQuery, RecordingDetail, RecordingPage, Scope } from '../rows/index.ts'
import { toChannel, toCommand } from './columns.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { findPlaces } from './places.ts'
import { createRowReader } from './row-reader.ts'
import { selectRecordings } from './selection.ts'

const PAGE_LIMIT = 200
const EVERYTHING: Scope = { kind: 'all' }

/** The part of a catalog that reads. */
export interface CatalogReader {
  /**
   * Returns up to `limit` (at most 200) recordings that pass the filters, newest first, that come
   * after the cursor `before` in the list; undefined when `before` is no cursor. Looks through a
   * bounded number of recordings: `searchedTo` on a page says that it stopped before the end.
   */
  listRecordings(query: ListQuery): RecordingPage | undefined
  /** Returns a recording with its channels and commands, or undefined when there is none in scope. */
  getRecording(id: string, scope?: Scope): RecordingDetail | undefined
  /** Returns the ids of recordings that have not ended. */
  listRunning(): string[]
}

/** Returns the reading half of a catalog; `settle` is called before each reading. */
export function createReader(database: DatabaseSync, settle: () => void): CatalogReader {
  const byNumber = createRowReader(database)
  const numbered = database.prepare('SELECT number FROM recordings WHERE id = ?')
  const channels = database.prepare('SELECT * FROM channels WHERE recording = ? ORDER BY channel')
  const commands = database.prepare('SELECT * FROM commands WHERE recording = ? ORDER BY number')
  const running = database.prepare("SELECT id FROM recordings WHERE status = 'running' ORDER BY id")
  return {
    listRecordings({ limit, before, filters = {}, scope = EVERYTHING }) {
      if (!Number.isInteger(limit) || limit < 1) throw new TypeError('"limit" must be 1 or more')
      const cursor = before === undefined ? undefined : decodeCursor(before)
      if (before !== undefined && cursor === undefined) return undefined
      settle()
      const selection = selectRecordings(database, filters, scope)
      if (selection === undefined) return { rows: [] }
      const size = Math.min(limit, PAGE_LIMIT)
      const { found, end } = findPlaces(database, selection, cursor, size + 1)
      const rows = found.slice(0, size).flatMap(({ number }) => byNumber(number) ?? [])
      const last = found[size - 1]
      if (found.length > size && last !== undefined) return { rows, next: encodeCursor(last) }
      if (end === undefined) return { rows }
      // A cursor is the last row that was seen; this one has not been looked at.
      const next = encodeCursor({ ...end, number: end.number + 1 })
      return { rows, next, searchedTo: end.startedAt }
    },
    getRecording(id, scope = EVERYTHING): RecordingDetail | undefined {
      settle()
      const number = Number(numbered.get(id)?.['number'] ?? 0)
      const recording = byNumber(number)
      if (recording === undefined || !isInScope(scope, recording.target)) return undefined
      return {
        recording,
        channels: channels.all(number).map(toChannel),
        commands: commands.all(number).map(toCommand),
      }
    },
    listRunning() {
      settle()
      return running.all().map(({ id }) => String(id))
    },
  }
}

function isInScope(scope: Scope, target: string): boolean {
  return scope.kind === 'all' || scope.targets.includes(target)
}
