import type { TerminalSize } from '../options.ts'
import { glyphsOfText, type Glyph } from './glyph.ts'

/** What is on the screen from the start of the prompt, and before which glyph the cursor stands. */
export interface Frame {
  readonly glyphs: readonly Glyph[]
  readonly cursor: number
}

interface Place {
  readonly row: number
  readonly col: number
}

export const emptyFrame: Frame = { glyphs: [], cursor: 0 }

/** Returns the frame of a text, with the cursor behind it. */
export function frameOfText(text: string): Frame {
  const glyphs = glyphsOfText(text)
  return { glyphs, cursor: glyphs.length }
}

/**
 * Returns the frame of a prompt and a line. A line that would be taller than the screen is shown in
 * part, around the cursor, since one cannot go back to what has scrolled away.
 */
export function composeFrame(prompt: string, line: Frame, size: TerminalSize): Frame {
  const before = glyphsOfText(prompt)
  const whole = [...before, ...line.glyphs]
  if (placeAfter(whole, whole.length, size.cols).row < size.rows - 1)
    return { glyphs: whole, cursor: before.length + line.cursor }
  // Counted as if all were of two columns.
  const room = Math.max(2, Math.floor(((size.rows - 1) * size.cols) / 2) - 2)
  const step = Math.floor(room / 2)
  const start = Math.max(0, Math.floor(line.cursor / step) * step - step + 1)
  const part = line.glyphs.slice(start, start + room)
  return {
    glyphs: [...glyphsOfText('<'), ...part, ...glyphsOfText('>')],
    cursor: 1 + line.cursor - start,
  }
}

/** Returns the bytes that turn one frame on the screen into another, by relative moves alone. */
export function paint(before: Frame, after: Frame, cols: number): string {
  const same = countSame(before.glyphs, after.glyphs)
  const rest = after.glyphs.slice(same)
  const changed = rest.length > 0 || before.glyphs.length > same
  const from = placeAfter(before.glyphs, before.cursor, cols)
  const to = placeAfter(after.glyphs, after.cursor, cols)
  if (!changed) return move(from, to)
  const end = placeAfter(after.glyphs, after.glyphs.length, cols)
  const erase = before.glyphs.length > same ? '\x1b[J' : ''
  // Behind the last column a terminal waits with the wrap; a blank makes it happen.
  const wrap = rest.length > 0 && endsAtEdge(after, cols) ? ' \r' : ''
  const text = rest.map(({ shown }) => shown).join('')
  return move(from, placeAfter(after.glyphs, same, cols)) + erase + text + wrap + move(end, to)
}

/** Returns whether a frame ends behind the last column, where the next row is begun already. */
export function endsAtEdge(frame: Frame, cols: number): boolean {
  const end = placeAfter(frame.glyphs, frame.glyphs.length, cols)
  return end.row > 0 && end.col === 0
}

/** Returns the number of rows from the cursor to the last row of a frame. */
export function rowsBelow(frame: Frame, cols: number): number {
  const end = placeAfter(frame.glyphs, frame.glyphs.length, cols)
  return end.row - placeAfter(frame.glyphs, frame.cursor, cols).row
}

function countSame(one: readonly Glyph[], other: readonly Glyph[]): number {
  let at = 0
  while (at < one.length && at < other.length && one[at]?.shown === other[at]?.shown) at += 1
  return at
}

function placeAfter(glyphs: readonly Glyph[], count: number, cols: number): Place {
  let row = 0
  let col = 0
  for (let at = 0; at < count; at += 1) {
    const width = glyphs[at]?.width ?? 1
    if (col + width > cols) {
      row += 1
      col = 0
    }
    col += width
    if (col >= cols) {
      row += 1
      col = 0
    }
  }
  return { row, col }
}

function move(from: Place, to: Place): string {
  const rows = to.row - from.row
  const vertical = rows === 0 ? '' : rows < 0 ? `\x1b[${-rows}A` : `\x1b[${rows}B`
  if (to.col === from.col) return vertical
  if (to.col === 0) return `${vertical}\r`
  const cols = to.col - from.col
  return vertical + (cols < 0 ? `\x1b[${-cols}D` : `\x1b[${cols}C`)
}
