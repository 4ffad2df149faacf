import type { TerminalSize } from '../options.ts'
import { composeFrame, emptyFrame, endsAtEdge, paint, rowsBelow, type Frame } from './frame.ts'

/**
 * The part of the terminal that prompt and line take. It knows what it has drawn there, and nothing of
 * what was on the screen before.
 */
export class Screen {
  #size: TerminalSize
  #drawn: Frame = emptyFrame
  /** The width that the frame was drawn for, when that was another one. */
  #staleCols: number | undefined

  constructor(size: TerminalSize) {
    this.#size = bounded(size)
  }

  /** A new size; a frame that is on the screen is drawn anew below itself, as terminals differ in how they refit. */
  resize(size: TerminalSize): void {
    if (this.#drawn !== emptyFrame) this.#staleCols ??= this.#size.cols
    this.#size = bounded(size)
  }

  /** Returns the bytes that show prompt and line from where the frame before began. */
  draw(prompt: string, line: Frame): string {
    const before = this.#startAnew()
    const frame = composeFrame(prompt, line, this.#size)
    const bytes = before + paint(this.#drawn, frame, this.#size.cols)
    this.#drawn = frame
    return bytes
  }

  /** Returns the bytes that leave the frame for the row below it; the next one begins there. */
  leave(mark = ''): string {
    const before = this.#startAnew()
    const { glyphs } = this.#drawn
    const end = { glyphs, cursor: glyphs.length }
    const below = mark === '' && endsAtEdge(end, this.#size.cols) ? '' : `${mark}\r\n`
    const bytes = before + paint(this.#drawn, end, this.#size.cols) + below
    this.#drawn = emptyFrame
    return bytes
  }

  /** Returns the bytes that empty the whole screen. */
  clear(): string {
    this.#drawn = emptyFrame
    this.#staleCols = undefined
    return '\x1b[H\x1b[2J'
  }

  #startAnew(): string {
    if (this.#staleCols === undefined) return ''
    const rows = Math.max(
      rowsBelow(this.#drawn, this.#staleCols),
      rowsBelow(this.#drawn, this.#size.cols),
    )
    this.#staleCols = undefined
    this.#drawn = emptyFrame
    return `${rows > 0 ? `\x1b[${rows}B` : ''}\r\n\x1b[J`
  }
}

function bounded({ cols, rows }: TerminalSize): TerminalSize {
  return { cols: clamp(cols, 80), rows: clamp(rows, 24) }
}

// A terminal that says nothing of its size is an ordinary one.
function clamp(count: number, usual: number): number {
  return count > 0 ? Math.max(2, Math.min(1000, Math.trunc(count))) : usual
}
