import type { Frame } from './frame.ts'
import { glyphsOf, type Glyph } from './glyph.ts'

interface Cell {
  readonly text: string
  readonly bytes: number
  readonly glyphs: readonly Glyph[]
}

/** One line of bounded size with a cursor, and the text that was cut out of it last. */
export class LineBuffer {
  readonly #cap: number
  #cells: Cell[] = []
  #cursor = 0
  #bytes = 0
  #cut: readonly Cell[] = []

  constructor(cap: number) {
    this.#cap = cap
  }

  get text(): string {
    return this.#cells.map(({ text }) => text).join('')
  }

  get empty(): boolean {
    return this.#cells.length === 0
  }

  get beforeCursor(): string {
    return this.#cells
      .slice(0, this.#cursor)
      .map(({ text }) => text)
      .join('')
  }

  get afterCursor(): string {
    return this.#cells
      .slice(this.#cursor)
      .map(({ text }) => text)
      .join('')
  }

  /** How the line is shown. */
  get frame(): Frame {
    const glyphs = this.#cells.flatMap((cell) => cell.glyphs)
    const cursor = this.#cells
      .slice(0, this.#cursor)
      .reduce((count, cell) => count + cell.glyphs.length, 0)
    return { glyphs, cursor }
  }

  /** Inserts all of a text at the cursor, or nothing and false when it does not fit or may not stand in a command. */
  insert(text: string): boolean {
    const cells: Cell[] = []
    for (const character of text) {
      const glyphs = character === '\n' ? undefined : glyphsOf(character)
      if (glyphs === undefined) return false
      cells.push({ text: character, bytes: Buffer.byteLength(character), glyphs })
    }
    return this.#insert(cells)
  }

  /** Replaces the whole line; false when the text may not be a line. */
  replace(text: string): boolean {
    this.clear()
    return this.insert(text)
  }

  clear(): void {
    this.#cells = []
    this.#cursor = 0
    this.#bytes = 0
  }

  /** Moves the cursor by characters, as far as the line goes; false when it is there already. */
  move(by: number): boolean {
    const to = Math.max(0, Math.min(this.#cells.length, this.#cursor + by))
    const moved = to !== this.#cursor
    this.#cursor = to
    return moved
  }

  /** Removes the character before (-1) or at (0) the cursor; false when there is none. */
  remove(at: -1 | 0): boolean {
    const from = this.#cursor + at
    if (from < 0 || from >= this.#cells.length) return false
    this.#take(from, from + 1)
    return true
  }

  cutAfter(): void {
    this.#keep(this.#take(this.#cursor, this.#cells.length))
  }

  cutBefore(): void {
    this.#keep(this.#take(0, this.#cursor))
  }

  /** Cuts the blanks before the cursor and the word before them. */
  cutWord(): void {
    let from = this.#cursor
    while (from > 0 && this.#isBlank(from - 1)) from -= 1
    while (from > 0 && !this.#isBlank(from - 1)) from -= 1
    this.#keep(this.#take(from, this.#cursor))
  }

  /** Inserts what was cut last. */
  yank(): boolean {
    return this.#insert(this.#cut)
  }

  #insert(cells: readonly Cell[]): boolean {
    const bytes = cells.reduce((sum, cell) => sum + cell.bytes, 0)
    if (this.#bytes + bytes > this.#cap) return false
    if (this.#cursor === this.#cells.length && cells.length === 1) this.#cells.push(...cells)
    else this.#cells = this.#cells.toSpliced(this.#cursor, 0, ...cells)
    this.#cursor += cells.length
    this.#bytes += bytes
    return true
  }

  #take(from: number, to: number): readonly Cell[] {
    const taken = this.#cells.splice(from, to - from)
    this.#bytes -= taken.reduce((sum, cell) => sum + cell.bytes, 0)
    if (this.#cursor > from) this.#cursor = Math.max(from, this.#cursor - taken.length)
    return taken
  }

  #keep(cut: readonly Cell[]): void {
    if (cut.length > 0) this.#cut = cut
  }

  #isBlank(at: number): boolean {
    const text = this.#cells[at]?.text
    return text === ' ' || text === '\t'
  }
}
