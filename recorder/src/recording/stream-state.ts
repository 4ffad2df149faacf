import { createHash, type Hash } from 'node:crypto'
import type { StreamNumber, StreamTotals } from '../asciicast/cast.ts'

/** Longest unfinished UTF-8 character. */
const CARRY_SIZE = 3

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
  readonly #hash: Hash = createHash('sha256')

  constructor(number: StreamNumber, mode: 'text' | 'omitted') {
    this.number = number
    this.code = number === 0 ? 'i' : 'o'
    this.mode = mode
  }

  /** Counts bytes that have just arrived. */
  count(bytes: Uint8Array): void {
    this.bytes += bytes.length
    this.#hash.update(bytes)
  }

  /** Returns the totals; to be called once, at the end. */
  totals(): StreamTotals {
    return { bytes: this.bytes, omitted: this.omitted, sha256: this.#hash.digest('hex') }
  }
}
