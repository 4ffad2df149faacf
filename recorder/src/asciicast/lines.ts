const NEWLINE = 0x0a

/** A line without its newline, or `oversize` for one that was longer than the limit and is gone. */
export type SplitLine =
  | { readonly kind: 'line'; readonly bytes: Buffer }
  | { readonly kind: 'oversize'; readonly length: number }

/** Cuts chunks of a file into lines, and never holds more than one line of `limit` bytes. */
export class LineSplitter {
  readonly #limit: number
  #parts: Buffer[] = []
  #length = 0

  /** `limit` is in bytes; our own lines stay far below the 4 MiB that it is by default. */
  constructor(limit: number = 4 * 1024 * 1024) {
    this.#limit = limit
  }

  /** Returns the bytes of the last, unfinished line; empty when the file ends as it should. */
  get rest(): Buffer {
    return Buffer.concat(this.#parts)
  }

  /** Yields each line that `chunk` finishes. The bytes are views: use them before the next push. */
  *push(chunk: Uint8Array): Generator<SplitLine, void, undefined> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    let from = 0
    for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, from)) {
      yield this.#finish(bytes.subarray(from, at))
      from = at + 1
    }
    this.#hold(bytes.subarray(from))
  }

  #finish(last: Buffer): SplitLine {
    const length = this.#length + last.length
    const parts = this.#parts
    this.#parts = []
    this.#length = 0
    if (length > this.#limit) return { kind: 'oversize', length }
    return { kind: 'line', bytes: parts.length === 0 ? last : Buffer.concat([...parts, last]) }
  }

  #hold(part: Buffer): void {
    if (part.length === 0) return
    this.#length += part.length
    if (this.#length > this.#limit) this.#parts = []
    else this.#parts.push(Buffer.from(part))
  }
}
