/** One row of a screen. `cells` ends where nothing was written. */
export interface Row {
  cells: string[]
  /** What of the same line is in rows that have left the screen. */
  prefix: string
  /** True when the row above went on here because it reached the edge. */
  continues: boolean
  /** True when there is text in it that was not told yet. */
  untold: boolean
  /** When the newest of its text was written, in seconds. */
  time: number
}

/** Returns a row with nothing in it. */
export function emptyRow(): Row {
  return { cells: [], prefix: '', continues: false, untold: false, time: 0 }
}

/** Returns the text of a row without the blanks at its end. */
export function rowText(row: Row): string {
  return row.cells.join('').trimEnd()
}
