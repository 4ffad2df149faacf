import { editGrid } from './edit-grid.ts'
import { EscapeParser } from './escape-parser.ts'
import { Grid } from './grid.ts'
import { type ScreenLine, tellOnce } from './lines-told.ts'
import { emptyRow } from './row.ts'

export interface ScreenOptions {
  readonly cols: number
  readonly rows: number
  /** False for output that no terminal driver has seen: there a newline alone begins a new line. */
  readonly pty: boolean
  /** Hears of each line once the cursor leaves it, or before what it says is lost. */
  readonly line: (line: ScreenLine) => void
}

/** Longest run of characters in one cell: a letter with what is put on it. */
const LONGEST_CELL = 8
/** Steps after which a screen does nothing any more: far more than 64 MiB of ordinary output takes. */
const MOST_STEPS = 200_000_000

/** Characters between two looks at the steps. */
const SLICE = 1024

const COMBINING = /^\p{M}$/u
const PARAMETERS = /^[\d;]*$/
const ALTERNATE = /^\?(?:47|1047|1049)$/

/**
 * A terminal as far as its text goes: it knows where characters end up, and nothing of how they
 * look. All that could be read at some time is told as lines. Numbers in sequences are cut to the
 * screen's size and all work is counted, so that no output can keep it busy for long.
 */
export class TextScreen {
  readonly #pty: boolean
  readonly #tell: (text: string, time: number) => void
  readonly #parser: EscapeParser
  #grid: Grid
  #primary: Grid | undefined
  #cols: number
  #x = 0
  #y = 0
  #saved = { x: 0, y: 0 }
  #top = 0
  #bottom: number
  #time = 0
  #steps = 0
  /** True when the cursor was moved, so that the next character may replace what can be read. */
  #moved = false
  #last = ''

  constructor(options: ScreenOptions) {
    this.#pty = options.pty
    this.#cols = options.cols
    this.#tell = tellOnce(options.line)
    this.#grid = new Grid(Math.max(2, options.rows), this.#tell)
    this.#bottom = this.#grid.rows.length - 1
    this.#parser = new EscapeParser({
      text: (text) => this.#print(text),
      control: (code) => this.#control(code),
      escape: (final) => this.#escape(final),
      sequence: (final, parameters) => this.#sequence(final, parameters),
    })
  }

  /** False once it has given up: what is written from then on is not looked at. */
  get isWorking(): boolean {
    return this.#steps + this.#grid.steps < MOST_STEPS
  }

  /** Takes output that was written `time` seconds after the start. */
  write(text: string, time: number): void {
    this.#time = time
    for (let at = 0; at < text.length && this.isWorking; at += SLICE) {
      this.#steps += Math.min(SLICE, text.length - at)
      this.#parser.write(text.slice(at, at + SLICE))
    }
  }

  /** Gives the screen another size. */
  resize(cols: number, rows: number): void {
    const grid = this.#grid
    const height = Math.max(2, rows)
    grid.tellAll()
    this.#steps += grid.rows.length + height
    this.#cols = cols
    const above = Math.max(0, Math.min(this.#y + 1, grid.rows.length) - height)
    grid.rows.splice(0, above)
    grid.rows.length = Math.min(grid.rows.length, height)
    while (grid.rows.length < height) grid.rows.push(emptyRow())
    this.#primary = undefined
    this.#top = 0
    this.#bottom = height - 1
    this.#moveTo(this.#x, this.#y - above)
  }

  /** Tells what is left. */
  end(): void {
    this.#grid.tellAll()
    this.#primary?.tellAll()
  }

  /** Returns what is on the screen, a text for each row. */
  shown(): readonly string[] {
    return this.#grid.shown()
  }

  #print(text: string): void {
    this.#steps += text.length
    for (const character of text) this.#put(character)
  }

  #put(character: string): void {
    if (character > '\u02ff' && COMBINING.test(character)) return this.#combine(character)
    if (this.#x >= this.#cols) this.#wrap()
    const row = this.#grid.row(this.#y)
    const before = row.cells[this.#x]
    if (this.#moved && before !== undefined && before !== ' ' && before !== character) {
      this.#moved = false
      this.#grid.tellLine(this.#y)
    }
    this.#steps += Math.max(0, this.#x - row.cells.length)
    while (row.cells.length < this.#x) row.cells.push(' ')
    row.cells[this.#x] = character
    row.time = this.#time
    if (character !== ' ') row.untold = true
    this.#x += 1
    this.#last = character
  }

  #combine(mark: string): void {
    const { cells } = this.#grid.row(this.#y)
    const at = Math.min(this.#x, cells.length) - 1
    const cell = cells[at]
    if (cell !== undefined && cell.length < LONGEST_CELL) cells[at] = cell + mark
  }

  #wrap(): void {
    const full = this.#grid.row(this.#y)
    this.#x = 0
    this.#down()
    const row = this.#grid.row(this.#y)
    // Below the bottom margin nothing moves, and the last row is written over.
    if (row !== full) row.continues = true
    else this.#moved = true
  }

  /** One row down; at the bottom margin the rows between the margins move up. */
  #down(): void {
    if (this.#y === this.#bottom) this.#grid.scrollUp(this.#top, this.#bottom, 1)
    else if (this.#y < this.#grid.rows.length - 1) this.#y += 1
  }

  #lineFeed(): void {
    this.#grid.tellLine(this.#y)
    this.#down()
    this.#x = this.#pty ? this.#column() : 0
    this.#moved = true
  }

  #moveTo(x: number, y: number): void {
    const row = Math.max(0, Math.min(y, this.#grid.rows.length - 1))
    if (row !== this.#y) this.#grid.tellLine(Math.min(this.#y, this.#grid.rows.length - 1))
    this.#x = Math.max(0, Math.min(x, this.#cols - 1))
    this.#y = row
    this.#moved = true
  }

  #control(code: number): void {
    switch (code) {
      case 0x08:
        return this.#moveTo(this.#column() - 1, this.#y)
      case 0x09:
        if (this.#x < this.#cols) this.#moveTo(this.#x - (this.#x % 8) + 8, this.#y)
        return
      case 0x0a:
      case 0x0b:
      case 0x0c:
      case 0x84:
        return this.#lineFeed()
      case 0x0d:
        return this.#moveTo(0, this.#y)
      case 0x85:
        this.#x = 0
        return this.#lineFeed()
      case 0x8d:
        this.#x = this.#column()
        if (this.#y === this.#top) this.#grid.scrollDown(this.#top, this.#bottom, 1)
        else this.#moveTo(this.#x, this.#y - 1)
    }
  }

  #escape(final: string): void {
    if (final === '7') this.#saved = { x: this.#x, y: this.#y }
    else if (final === '8') this.#moveTo(this.#saved.x, this.#saved.y)
    else if (final === 'c') {
      this.#grid.clear(0, this.#grid.rows.length - 1)
      this.#top = 0
      this.#bottom = this.#grid.rows.length - 1
      this.#moveTo(0, 0)
    }
  }

  #sequence(final: string, parameters: string): void {
    if (final === 'h' || final === 'l') {
      if (ALTERNATE.test(parameters)) this.#alternate(final === 'h')
      return
    }
    if (!PARAMETERS.test(parameters)) return
    const [first = 0, second = 0] = parameters.split(';').map(Number)
    const most = Math.max(this.#cols, this.#grid.rows.length)
    const count = Math.min(Math.max(first, 1), most)
    switch (final) {
      case 'A':
      case 'F':
        return this.#moveTo(final === 'F' ? 0 : this.#x, this.#above(count))
      case 'B':
      case 'E':
        return this.#moveTo(final === 'E' ? 0 : this.#x, this.#below(count))
      case 'C':
        return this.#moveTo(this.#column() + count, this.#y)
      case 'D':
        return this.#moveTo(this.#column() - count, this.#y)
      case 'G':
      case '`':
        return this.#moveTo(count - 1, this.#y)
      case 'd':
        return this.#moveTo(this.#x, count - 1)
      case 'H':
      case 'f':
        return this.#moveTo(Math.max(second, 1) - 1, count - 1)
      case 's':
        this.#saved = { x: this.#x, y: this.#y }
        return
      case 'u':
        return this.#moveTo(this.#saved.x, this.#saved.y)
      case 'r':
        return this.#margins(first, second)
      case 'b':
        if (this.#last !== '') this.#print(this.#last.repeat(count))
        return
      case 'L':
        return this.#scrollHere((y) => this.#grid.scrollDown(y, this.#bottom, count))
      case 'M':
        return this.#scrollHere((y) => this.#grid.scrollUp(y, this.#bottom, count))
      default: {
        if ('XP@'.includes(final)) this.#x = this.#column()
        const margins = { top: this.#top, bottom: this.#bottom }
        const place = { x: this.#x, y: this.#y, cols: this.#cols }
        this.#moved = true
        editGrid(this.#grid, { ...place, ...margins }, final, first, count)
      }
    }
  }

  /** The cursor's cell; behind the last one of a row it still counts as there, and most sequences put it back. */
  #column(): number {
    return Math.min(this.#x, this.#cols - 1)
  }

  #above(count: number): number {
    return Math.max(this.#y - count, this.#y >= this.#top ? this.#top : 0)
  }

  #below(count: number): number {
    const last = this.#grid.rows.length - 1
    return Math.min(this.#y + count, this.#y <= this.#bottom ? this.#bottom : last)
  }

  #scrollHere(scroll: (y: number) => void): void {
    this.#x = this.#column()
    if (this.#y < this.#top || this.#y > this.#bottom) return
    scroll(this.#y)
    this.#moveTo(0, this.#y)
  }

  #margins(first: number, second: number): void {
    const last = this.#grid.rows.length - 1
    const top = Math.max(first, 1) - 1
    const bottom = second === 0 ? last : Math.min(second - 1, last)
    if (top >= bottom) return
    this.#top = top
    this.#bottom = bottom
    this.#moveTo(0, 0)
  }

  #alternate(on: boolean): void {
    if (on === (this.#primary !== undefined)) return
    this.#grid.tellAll()
    const steps = this.#grid.steps
    if (this.#primary === undefined) {
      this.#primary = this.#grid
      this.#grid = new Grid(this.#primary.rows.length, this.#tell)
    } else {
      this.#grid = this.#primary
      this.#primary = undefined
    }
    this.#grid.steps += steps + this.#grid.rows.length
    this.#moved = true
  }
}
