import { createHash, type Hash } from 'node:crypto'
import type { StreamNumber, StreamTotals } from '../asciicast/cast.ts'

/** Longest unfinished UTF-8 character. */
const CARRY_SIZE = 3

/** Bytes that come singly, as somebody types them, are hashed together or later: a call costs more than they do. */
const UNHASHED_SIZE = 256

/**
 * What is known of one stream of a channel. `text` and `binary` streams are kept; an `omitted` one
 * has reached its limit, and stays so: what is kept of a stream is always its beginning.
 */
export class StreamState {
  readonly number: StreamNumber
  readonly code: 'o' | 'i'
  /** The bytes of an unfinished character at the end, not yet in any event. */
  readonly carry: Buffer = Buffer.alloc(CARRY_SIZE)
  carryLength = 0
  /** How many of them a note in the file already holds. */
  notedLength = 0
  mode: 'text' | 'binary' | 'omitted'
  bytes = 0
  omitted = 0
  /** The size that the file already admits this stream may have. */
  declared = 0
  readonly #hashFrom: number
  readonly #hash: Hash | undefined
  #unhashed: Buffer | undefined
  #unhashedLength = 0

  /** `hashFrom` is how many bytes it must have to be given a hash; `Infinity` for none at all. */
  constructor(number: StreamNumber, mode: 'text' | 'omitted', hashFrom: number) {
    this.#hashFrom = hashFrom
    this.#hash = hashFrom === Infinity ? undefined : createHash('sha256')
    this.number = number
    this.code = number === 0 ? 'i' : 'o'
    this.mode = mode
  }

  /** Counts `source[from, to)`, which has just arrived. */
  count(source: Uint8Array, from: number, to: number): void {
    const length = to - from
    this.bytes += length
    if (this.#hash === undefined) return
    if (this.#unhashedLength + length > UNHASHED_SIZE) this.hashNow()
    if (length > UNHASHED_SIZE) {
      this.#hash.update(source.subarray(from, to))
      return
    }
    this.#unhashed ??= Buffer.allocUnsafeSlow(UNHASHED_SIZE)
    for (let index = 0; index < length; index += 1) {
      this.#unhashed[this.#unhashedLength + index] = source[from + index] as number
    }
    this.#unhashedLength += length
  }

  /** Returns the totals; to be called once, at the end. */
  totals(): StreamTotals {
    this.hashNow()
    const { bytes, omitted } = this
    const sha256 = this.#hash?.digest('hex')
    return { bytes, omitted, ...(sha256 === undefined || bytes < this.#hashFrom ? {} : { sha256 }) }
  }

  /** Whether bytes wait to be hashed. */
  get awaitsHash(): boolean {
    return this.#unhashedLength > 0
  }

  /** Hashes what waits for it, and wipes that. */
  hashNow(): void {
    if (this.#unhashed === undefined || this.#unhashedLength === 0) return
    const bytes = this.#unhashed.subarray(0, this.#unhashedLength)
    this.#hash?.update(bytes)
    bytes.fill(0)
    this.#unhashedLength = 0
  }
}
