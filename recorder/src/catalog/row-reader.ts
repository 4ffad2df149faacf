import type { DatabaseSync } from 'node:sqlite'
import type { RecordingRow } from '../rows/index.ts'
import { type Columns, toRecording } from './columns.ts'

/** Returns how to read the row of a recording by its number. */
export function createRowReader(
  database: DatabaseSync,
): (number: number) => RecordingRow | undefined {
  const row = database.prepare(
    `SELECT r.*, c.kind AS first_kind, c.activity AS first_activity, c.command AS first_command,
      c.exit_status AS first_exit_status, c.exit_signal AS first_exit_signal
    FROM recordings r LEFT JOIN channels c ON c.recording = r.number
      AND c.channel = (SELECT min(channel) FROM channels WHERE recording = r.number)
    WHERE r.number = ?`,
  )
  return (number) => {
    const columns: Columns | undefined = row.get(number)
    return columns === undefined ? undefined : toRecording(columns)
  }
}
