const MAXIMUM_COLS = 500
const MAXIMUM_ROWS = 200
/** What a terminal is taken for that does not say: RFC 4254 section 6.2 has a zero ignored. */
const UNKNOWN_COLS = 80
const UNKNOWN_ROWS = 24

/**
 * Returns the nearest terminal size that a player survives: at most 500 columns and 200 rows, and 80
 * by 24 for a size that is not given. Who is recorded chooses the size, and a million columns would
 * make the recording impossible to watch.
 */
export function clampTerm(cols: number, rows: number): { cols: number; rows: number } {
  return {
    cols: clamp(cols, MAXIMUM_COLS, UNKNOWN_COLS),
    rows: clamp(rows, MAXIMUM_ROWS, UNKNOWN_ROWS),
  }
}

/** Returns the clamped size in a resize event's text ("80x24"), or undefined when it holds none. */
export function parseTermSize(text: string): { cols: number; rows: number } | undefined {
  const match = /^(\d{1,10})x(\d{1,10})$/.exec(text)
  if (match === null) return undefined
  return clampTerm(Number(match[1]), Number(match[2]))
}

function clamp(value: number, maximum: number, unknown: number): number {
  if (!(value >= 1)) return unknown
  return Math.min(Math.floor(value), maximum)
}
