import { decodeText } from './utf8.ts'

const endMark = Buffer.from('\x1b[201~')

/** Collects one bracketed paste up to its end mark; of one that is too long it keeps nothing. */
export class PasteReader {
  readonly #cap: number
  #bytes: number[] = []
  #tooLong = false
  #matched = 0

  constructor(cap: number) {
    this.#cap = cap
  }

  /** Takes one byte; true when it was the last of the paste. */
  take(byte: number): boolean {
    // ESC stands only at the front of the mark, so a failed match can begin again nowhere else.
    this.#matched =
      byte === endMark[this.#matched] ? this.#matched + 1 : byte === endMark[0] ? 1 : 0
    if (!this.#tooLong) this.#bytes.push(byte)
    if (this.#bytes.length > this.#cap + endMark.length) {
      this.#tooLong = true
      this.#bytes = []
    }
    return this.#matched === endMark.length
  }

  /** The text of a paste that has ended, when it fits and is UTF-8. */
  text(): string | undefined {
    if (this.#tooLong) return undefined
    return decodeText(Uint8Array.from(this.#bytes.slice(0, -endMark.length)))
  }
}
