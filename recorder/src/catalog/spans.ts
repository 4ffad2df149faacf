import type { DatabaseSync } from 'node:sqlite'

// Whole seconds around 2057 fit 32 bits from 1988 to 2125; a time outside counts as the nearest.
const EPOCH = 2_750_000_000
const EARLIEST = -0x8000_0000
const LATEST = 0x7fff_ffff

/** Returns the second, as the table of spans counts, in which a moment lies. */
export function spanSecond(milliseconds: number): number {
  return Math.min(Math.max(Math.floor(milliseconds / 1000) - EPOCH, EARLIEST), LATEST)
}

/** From when to when recordings ran, to the second: which were running at some moment. */
export interface Spans {
  begin(recordingId: string, startedAt: number): void
  end(recordingId: string, endedAt: number): void
}

/** Returns the table of spans in `database`. */
export function createSpans(database: DatabaseSync): Spans {
  const begin = database.prepare(
    'INSERT INTO spans (number, first, last) SELECT number, ?, ? FROM recordings WHERE id = ?',
  )
  // A clock that was set back must not make a span that no moment lies in.
  const end = database.prepare(
    `UPDATE spans SET last = max(first, ?)
       WHERE number = (SELECT number FROM recordings WHERE id = ?)`,
  )
  return {
    begin(recordingId, startedAt) {
      begin.run(spanSecond(startedAt), LATEST, recordingId)
    },
    end(recordingId, endedAt) {
      end.run(spanSecond(endedAt), recordingId)
    },
  }
}
