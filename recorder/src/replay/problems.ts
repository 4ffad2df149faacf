import type { TermSize } from './outline.ts'
import { EscapeScanner } from './escape-scanner.ts'

const MOST = 20
/** What a control string begins with, or could with the output that follows. */
const MAY_BEGIN_STRING =
  // eslint-disable-next-line no-control-regex
  /\u001b[\u0000-\u001a\u001c-\u001f]*(?:[P\]X^_]|$)|[\u0090\u0098\u009d-\u009f]/

/** Collects what is wrong with a recording, each thing once and in a sentence. */
export class Problems {
  readonly #sentences = new Set<string>()
  readonly #scanner: EscapeScanner
  #badLines = 0
  #endless = 0
  #markers = 0

  constructor() {
    const nothing = (): void => undefined
    this.#scanner = new EscapeScanner({
      text: nothing,
      control: nothing,
      csi: nothing,
      escape: nothing,
      endless: () => {
        this.#endless += 1
      },
    })
  }

  add(sentence: string): void {
    if (this.#sentences.size < MOST) this.#sentences.add(sentence)
  }

  badLine(): void {
    this.#badLines += 1
  }

  leftMarker(): void {
    this.#markers += 1
  }

  torn(bytes: number): void {
    this.add(`the recording ends in ${bytes} bytes of an unfinished line, which are not shown`)
  }

  size({ cols, rows }: TermSize): void {
    this.add(`the terminal was said to be ${cols} by ${rows}; it is shown smaller`)
  }

  resizes(skipped: number): void {
    if (skipped === 0) return
    this.add(`the terminal changed its size too often; ${skipped} of the changes are not shown`)
  }

  left(what: string, count: number): void {
    this.add(`there are ${count} more ${what} than can be listed`)
  }

  /** Looks through output for sequences that hide what follows. */
  output(text: string): void {
    if (!this.#scanner.isWhole || MAY_BEGIN_STRING.test(text)) this.#scanner.feed(text)
  }

  sentences(): readonly string[] {
    if (this.#badLines > 0) {
      this.add(`${this.#badLines} of its lines cannot be read, and are left out`)
    }
    if (this.#endless > 0) {
      this.add(
        'the output holds a control string without an end; a terminal hides what follows it, the transcript does not',
      )
    }
    if (this.#markers > 0) this.left('markers', this.#markers)
    return [...this.#sentences]
  }
}
