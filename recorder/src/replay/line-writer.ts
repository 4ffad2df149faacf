import { EscapeScanner } from './escape-scanner.ts'

/** A longer line is cut into several. */
const LONGEST_LINE = 4000
const TAB = 8

/** Puts the characters of a stream into lines, as a terminal that only goes downwards would. */
export class LineWriter {
  readonly #onLine: (at: number, text: string) => void
  readonly #scanner: EscapeScanner
  #cells: string[] = []
  #column = 0
  #lineAt = 0
  #at = 0

  /** `onLine` hears of each line, with the time of its first character. */
  constructor(onLine: (at: number, text: string) => void) {
    this.#onLine = onLine
    this.#scanner = new EscapeScanner({
      text: (text) => this.#print(text),
      control: (character) => this.#control(character),
      csi: (params, final) => this.#csi(params, final),
      escape: (sequence) => {
        if (sequence === 'E' || sequence === 'c') this.#finish()
      },
      endless: () => undefined,
    })
  }

  /** `at` is the time of the text. */
  write(at: number, text: string): void {
    this.#at = at
    this.#scanner.feed(text)
  }

  /** Ends the last line. */
  end(): void {
    if (this.#cells.length > 0) this.#finish()
  }

  #print(text: string): void {
    for (const character of text) {
      if (this.#column >= LONGEST_LINE) this.#finish()
      if (this.#cells.length === 0) this.#lineAt = this.#at
      while (this.#cells.length < this.#column) this.#cells.push(' ')
      this.#cells[this.#column] = character
      this.#column += 1
    }
  }

  #control(character: string): void {
    if (character === '\n') this.#finish()
    else if (character === '\r') this.#column = 0
    else if (character === '\b') this.#column = Math.max(0, this.#column - 1)
    else if (character === '\t') this.#goTo((Math.floor(this.#column / TAB) + 1) * TAB)
  }

  #csi(params: string, final: string): void {
    const count = Math.max(1, Number.parseInt(params, 10) || 1)
    switch (final) {
      case 'C':
        return this.#goTo(this.#column + count)
      case 'D':
        return this.#goTo(this.#column - count)
      case 'G':
      case '`':
        return this.#goTo(count - 1)
      case 'P':
        return void this.#cells.splice(this.#column, count)
      case 'K':
        return this.#erase(params)
      // To another line: what is on this one stays in the transcript, whatever is drawn over it later.
      case 'A':
      case 'B':
      case 'E':
      case 'F':
      case 'H':
      case 'J':
      case 'd':
      case 'f':
        return this.end()
    }
  }

  #erase(params: string): void {
    if (params === '' || params === '0')
      this.#cells.length = Math.min(this.#cells.length, this.#column)
    else if (params === '2') this.#cells.length = 0
  }

  #goTo(column: number): void {
    this.#column = Math.min(Math.max(0, column), LONGEST_LINE)
  }

  #finish(): void {
    const at = this.#cells.length === 0 ? this.#at : this.#lineAt
    const text = this.#cells.join('').trimEnd()
    this.#cells = []
    this.#column = 0
    this.#onLine(at, text)
  }
}
