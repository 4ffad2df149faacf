import { ESCAPE_FACTOR, escapeJson } from '../asciicast/escape.ts'
import { SECONDS_SIZE, writeSeconds } from '../asciicast/seconds.ts'

const BASE_SIZE = 64 * 1024
const KEPT_SIZE = 1024 * 1024
const KEPT_COUNT = 16
const PIECE = 8 * 1024
/** Text that is written letter by letter: a call into native code costs more. */
const SHORT = 32

/** Lends buffers to busy channels, so that idle ones hold none and busy ones allocate none. */
export class BufferPool {
  readonly #free: Buffer[] = []

  /** Returns a buffer of 64 KiB or more, with old bytes in it. */
  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(BASE_SIZE)
  }

  /** Takes a buffer back; it must not be used afterwards. */
  give(buffer: Buffer): void {
    if (
      buffer.length >= BASE_SIZE &&
      buffer.length <= KEPT_SIZE &&
      this.#free.length < KEPT_COUNT
    ) {
      this.#free.push(buffer)
    }
  }
}

/** Bytes on their way to a file: grows as it must, and is emptied by handing its buffer over. */
export class ByteBuffer {
  readonly #pool: BufferPool
  #bytes: Buffer | undefined
  #length = 0

  constructor(pool: BufferPool) {
    this.#pool = pool
  }

  get length(): number {
    return this.#length
  }

  /** Appends ASCII text. */
  ascii(text: string): void {
    const bytes = this.#room(text.length)
    if (text.length > SHORT) {
      this.#length += bytes.write(text, this.#length, 'latin1')
      return
    }
    for (let index = 0; index < text.length; index += 1) {
      bytes[this.#length + index] = text.charCodeAt(index)
    }
    this.#length += text.length
  }

  /** Appends whole microseconds as seconds. */
  seconds(microseconds: number): void {
    const bytes = this.#room(SECONDS_SIZE)
    this.#length = writeSeconds(microseconds, bytes, this.#length)
  }

  /** Appends any text as UTF-8. */
  utf8(text: string): void {
    const bytes = this.#room(text.length * 3)
    this.#length += bytes.write(text, this.#length, 'utf8')
  }

  /** Appends the inside of a JSON string; `source[from, to)` must be valid UTF-8. */
  escaped(source: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; at += PIECE) {
      const end = Math.min(to, at + PIECE)
      const bytes = this.#room((end - at) * ESCAPE_FACTOR)
      this.#length = escapeJson(source, at, end, bytes, this.#length)
    }
  }

  /** Returns the bytes and forgets them; the taker gives the buffer back to the pool. */
  detach(): { readonly bytes: Buffer; readonly length: number } | undefined {
    const bytes = this.#bytes
    const length = this.#length
    this.#bytes = undefined
    this.#length = 0
    return bytes === undefined ? undefined : { bytes, length }
  }

  #room(extra: number): Buffer {
    this.#bytes ??= this.#pool.take()
    const needed = this.#length + extra
    if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
      this.#bytes.copy(grown, 0, 0, this.#length)
      this.#pool.give(this.#bytes)
      this.#bytes = grown
    }
    return this.#bytes
  }
}
