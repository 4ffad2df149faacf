const MAXIMUM_COLS = 500
const MAXIMUM_ROWS = 200

/**
 * Returns the nearest terminal size that a player survives: 1 to 500 columns, 1 to 200 rows. Who is
 * recorded chooses the size, and a million columns would make the recording impossible to watch.
 */
export function clampTerm(cols: number, rows: number): { cols: number; rows: number } {
  return { cols: clamp(cols, MAXIMUM_COLS), rows: clamp(rows, MAXIMUM_ROWS) }
}

/** Returns the clamped size in a resize event's text ("80x24"), or undefined when it holds none. */
export function parseTermSize(text: string): { cols: number; rows: number } | undefined {
  const match = /^(\d{1,10})x(\d{1,10})$/.exec(text)
  if (match === null) return undefined
  return clampTerm(Number(match[1]), Number(match[2]))
}

function clamp(value: number, maximum: number): number {
  if (!(value >= 1)) return 1
  return Math.min(Math.floor(value), maximum)
}
