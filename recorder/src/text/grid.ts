import { emptyRow, type Row, rowText } from './row.ts'

/** A line that goes on over more rows than this many characters is told in parts. */
const LONGEST_LINE = 4096

/**
 * The rows of a screen and the lines that they make up. Before anything is lost that can be read,
 * by scrolling, erasing or writing over it, its line is told.
 */
export class Grid {
  readonly #tell: (text: string, time: number) => void
  /** How much work was done, in steps of about a character. */
  steps = 0
  rows: Row[]

  constructor(rows: number, tell: (text: string, time: number) => void) {
    this.#tell = tell
    this.rows = Array.from({ length: rows }, emptyRow)
  }

  row(y: number): Row {
    return (this.rows[y] ??= emptyRow())
  }

  /** Returns what is shown, a text for each row. */
  shown(): readonly string[] {
    return this.rows.map(rowText)
  }

  /** Tells the line that row `y` is part of, unless it was told. */
  tellLine(y: number): void {
    this.steps += 1
    const row = this.row(y)
    const isAlone = !row.continues && this.rows[y + 1]?.continues !== true
    if (isAlone && !row.untold) return
    let first = y
    while (first > 0 && this.row(first).continues) first -= 1
    let last = y
    while (this.rows[last + 1]?.continues === true) last += 1
    const rows = this.rows.slice(first, last + 1)
    this.steps += rows.length
    if (!rows.some(({ untold }) => untold)) return
    const text = this.row(first).prefix + rows.map(({ cells }) => cells.join('')).join('')
    this.steps += text.length
    const time = Math.max(...rows.map((row) => row.time))
    for (const row of rows) row.untold = false
    this.#tell(text, time)
  }

  tellAll(): void {
    for (let y = 0; y < this.rows.length; y += 1) this.tellLine(y)
  }

  /** Moves the rows from `from` to `to` up by `count`; empty ones come in below. */
  scrollUp(from: number, to: number, count: number): void {
    for (let n = Math.min(count, to - from + 1); n > 0; n -= 1) {
      this.steps += this.rows.length
      const [gone] = this.rows.splice(from, 1)
      this.rows.splice(to, 0, emptyRow())
      if (gone !== undefined) this.#scrolledOff(gone, this.row(from))
    }
  }

  /** Moves the rows from `from` to `to` down by `count`; empty ones come in above. */
  scrollDown(from: number, to: number, count: number): void {
    for (let n = Math.min(count, to - from + 1); n > 0; n -= 1) {
      this.steps += this.rows.length
      this.tellLine(to)
      const after = this.rows[to + 1]
      if (after !== undefined) after.continues = false
      this.rows.splice(to, 1)
      this.rows.splice(from, 0, emptyRow())
      const below = this.rows[from + 1]
      if (below !== undefined) below.continues = false
    }
  }

  /** Empties part of a row, from cell `from` up to `to`. */
  erase(y: number, from: number, to: number): void {
    const { cells } = this.row(y)
    if (from >= cells.length) return
    this.tellLine(y)
    this.steps += cells.length
    if (to >= cells.length) cells.length = from
    else cells.fill(' ', from, to)
  }

  /** Takes `count` cells out of a row; what is right of them moves left. */
  remove(y: number, from: number, count: number): void {
    const row = this.row(y)
    const { cells } = row
    if (from >= cells.length) return
    this.tellLine(y)
    this.steps += cells.length
    cells.splice(from, count)
    // What closes up reads as it was never written.
    if (cells.length > from) row.untold = true
  }

  /** Puts `count` blanks into a row of `width` cells; what is right of them moves right. */
  insert(y: number, from: number, count: number, width: number): void {
    const row = this.row(y)
    const { cells } = row
    if (from >= cells.length) return
    this.tellLine(y)
    row.untold = true
    this.steps += cells.length + count
    cells.splice(from, 0, ...Array.from({ length: count }, () => ' '))
    cells.length = Math.min(cells.length, width)
  }

  /** Empties whole rows. */
  clear(from: number, to: number): void {
    for (let y = from; y <= to; y += 1) {
      this.tellLine(y)
      const { cells, prefix, continues } = this.row(y)
      if (cells.length > 0 || prefix !== '' || continues) this.rows[y] = emptyRow()
    }
    const after = this.rows[to + 1]
    if (after !== undefined) after.continues = false
  }

  /** What of a line has left the screen stays with the rest of it. */
  #scrolledOff(gone: Row, next: Row): void {
    if (!next.continues) {
      if (gone.untold) this.#tell(gone.prefix + gone.cells.join(''), gone.time)
      return
    }
    next.continues = false
    if (!gone.untold && !next.untold) return
    const text = gone.prefix + gone.cells.join('')
    this.steps += text.length
    if (text.length >= LONGEST_LINE) {
      this.#tell(text, gone.time)
      return
    }
    next.prefix = text
    next.untold = true
    next.time = Math.max(next.time, gone.time)
  }
}
