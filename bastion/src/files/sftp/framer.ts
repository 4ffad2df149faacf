import { MAX_HANDLE_BYTES, MAX_PACKET } from './protocol.ts'

/** What a stream of packets falls into. Packets come without their length. */
export type Piece =
  | { readonly kind: 'packet'; readonly bytes: Buffer }
  /** The fields of a bulk packet before its payload, and how many bytes of payload follow. */
  | { readonly kind: 'head'; readonly bytes: Buffer; readonly payload: number }
  | { readonly kind: 'payload'; readonly bytes: Buffer; readonly last: boolean }
  | { readonly kind: 'broken'; readonly reason: string }

export interface FramerOptions {
  readonly bulkType: number
  /** Whether the payload of that type comes after a handle and an offset. */
  readonly bulkHandle: boolean
}

const LENGTH = 4

/**
 * Cuts one direction into packets. A payload of file content passes through in slices; all else is held
 * until it is whole, and never more than one packet. After `broken` nothing comes any more.
 */
export class Framer {
  readonly #options: FramerOptions
  #held: Buffer = Buffer.alloc(0)
  #size = 0
  #payload = 0
  #broken = false

  constructor(options: FramerOptions) {
    this.#options = options
  }

  /** True between the head of a bulk packet and the end of its payload. */
  get inPayload(): boolean {
    return this.#payload > 0
  }

  /** Bytes that are held until their packet is whole. */
  get held(): number {
    return this.#size
  }

  /** Yields the pieces that end in `input`; they may be views of it. */
  *read(input: Buffer): Generator<Piece, void, undefined> {
    let at = 0
    while (at < input.length && !this.#broken) {
      if (this.#payload > 0) {
        const bytes = input.subarray(at, at + this.#payload)
        at += bytes.length
        this.#payload -= bytes.length
        yield { kind: 'payload', bytes, last: this.#payload === 0 }
        continue
      }
      const whole = this.#size === 0 ? input.subarray(at) : this.#held.subarray(0, this.#size)
      const wanted = this.#wanted(whole)
      if (typeof wanted === 'string') {
        this.#broken = true
        yield { kind: 'broken', reason: wanted }
      } else if (whole.length < wanted) {
        const more = input.subarray(at, at + wanted - this.#size)
        this.#hold(more, wanted)
        at += more.length
        // What was held may be whole now, with no further byte to come.
        if (at === input.length) yield* this.#complete()
      } else {
        if (this.#size === 0) at += wanted
        yield this.#take(whole.subarray(0, wanted))
      }
    }
  }

  *#complete(): Generator<Piece, void, undefined> {
    const whole = this.#held.subarray(0, this.#size)
    const wanted = this.#wanted(whole)
    if (typeof wanted === 'string') {
      this.#broken = true
      yield { kind: 'broken', reason: wanted }
    } else if (whole.length === wanted) {
      yield this.#take(whole)
    }
  }

  #take(whole: Buffer): Piece {
    this.#held = Buffer.alloc(0)
    this.#size = 0
    const bytes = whole.subarray(LENGTH)
    const payload = LENGTH + whole.readUInt32BE(0) - whole.length
    if (bytes[0] !== this.#options.bulkType || !isHead(bytes, this.#options))
      return { kind: 'packet', bytes }
    this.#payload = payload
    return { kind: 'head', bytes, payload }
  }

  /** Returns how many bytes the next piece needs, as far as can be told by now, or why it is no packet. */
  #wanted(start: Buffer): number | string {
    if (start.length < LENGTH) return LENGTH
    const length = start.readUInt32BE(0)
    if (length === 0) return 'a packet without a type'
    if (length > MAX_PACKET) return `a packet of ${length} bytes; the most is ${MAX_PACKET}`
    if (start.length < LENGTH + 1) return LENGTH + 1
    const all = LENGTH + length
    if (start[LENGTH] !== this.#options.bulkType) return all
    // Byte type, uint32 id, and the first length.
    if (!this.#options.bulkHandle || start.length < LENGTH + 9) return Math.min(all, LENGTH + 9)
    const handle = start.readUInt32BE(LENGTH + 5)
    return handle > MAX_HANDLE_BYTES ? all : Math.min(all, LENGTH + 9 + handle + 12)
  }

  #hold(bytes: Buffer, wanted: number): void {
    const size = this.#size + bytes.length
    if (this.#held.length < size) {
      // By doubling: a length that is only claimed costs nothing.
      const grown = Buffer.allocUnsafe(Math.max(size, Math.min(wanted, 2 * this.#held.length)))
      this.#held.copy(grown, 0, 0, this.#size)
      this.#held = grown
    }
    bytes.copy(this.#held, this.#size)
    this.#size = size
  }
}

function isHead(bytes: Buffer, { bulkHandle }: FramerOptions): boolean {
  if (bytes.length < 9) return false
  if (!bulkHandle) return bytes.length === 9
  const handle = bytes.readUInt32BE(5)
  return handle <= MAX_HANDLE_BYTES && bytes.length === 9 + handle + 12
}
