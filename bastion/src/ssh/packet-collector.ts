import type { PacketDecipher } from './internals.ts'

/** The longest packet that ssh2 takes. */
const LONGEST = 35_000
/** Buffers kept for the next packets, in all; more are left to the garbage collector. */
const KEPT = 16

const free: Buffer[] = []

/** Whether this kind of decipher puts a packet together as bytes before it decrypts them in place. */
function decryptsInPlace(decipher: PacketDecipher): boolean {
  const kind = decipher.constructor.name
  return kind === 'AESGCMDecipherBinding' || kind === 'GenericDecipherBinding'
}

/** A decipher whose `_packet` is the collector's affair. */
interface Collected extends PacketDecipher {
  _collector: PacketCollector
}

/** The methods of each kind of decipher, below an accessor for `_packet`. */
const kinds = new Map<unknown, object>()

// On a prototype: with an accessor of its own, the decipher would be an object of the slow kind, whose every field is
// looked up for every packet.
function kindOf(decipher: PacketDecipher): object {
  const methods: unknown = Object.getPrototypeOf(decipher)
  let kind = kinds.get(methods)
  if (kind === undefined) {
    kind = Object.create(methods as object, {
      _packet: {
        get(this: Collected) {
          return this._collector.packet
        },
        set(this: Collected, packet: Uint8Array | null) {
          this._collector.packet = packet
        },
      },
    }) as object
    kinds.set(methods, kind)
  }
  return kind
}

/**
 * Makes the inbound cipher of a connection put packets that arrive in parts together in memory that is used again. ssh2
 * takes a new buffer for each, and nearly every packet of a bulk transfer is one: to collect them was a quarter of the
 * relay's time. One is to be made after every key exchange, since each brings a new cipher.
 */
export class PacketCollector {
  /** To be used in place of the cipher that it was made for, which must not have read anything yet. */
  readonly decipher: PacketDecipher
  readonly #isKept: () => boolean
  #packet: Uint8Array | null = null
  #own: Buffer | undefined

  /** `isKept` says whether somebody keeps the packets that come now: they get memory that is theirs. */
  constructor(decipher: PacketDecipher, isKept: () => boolean) {
    this.#isKept = isKept
    this.decipher = decryptsInPlace(decipher) ? this.#collected(decipher) : decipher
  }

  /** What the cipher sees as its packet: once it knows how long that is, the memory to put the parts in. */
  get packet(): Uint8Array | null {
    if (this.#packet === null && this.decipher._len > 0) {
      this.#packet = this.#memory(this.decipher._len)
    }
    return this.#packet
  }

  set packet(packet: Uint8Array | null) {
    this.#packet = packet
  }

  /** To be called when everything in `lent` was parsed: what the cipher keeps of it is copied. */
  settle(lent: Buffer): void {
    const packet = this.decipher._pktLen === 0 ? null : this.decipher._packet
    if (packet === null) this.release()
    else if (packet.buffer === lent.buffer) {
      const kept = this.#memory(packet.length)
      kept.set(packet)
      this.decipher._packet = kept
    }
  }

  /** The connection is gone, or has a new cipher. */
  release(): void {
    if (this.#own !== undefined && free.length < KEPT) free.push(this.#own)
    this.#own = undefined
  }

  #collected(decipher: PacketDecipher): PacketDecipher {
    const collected = Object.create(kindOf(decipher)) as Collected
    collected._collector = this
    return Object.assign(collected, decipher)
  }

  #memory(length: number): Buffer {
    if (this.#isKept()) return Buffer.allocUnsafeSlow(length)
    this.#own ??= free.pop() ?? Buffer.allocUnsafeSlow(LONGEST)
    return this.#own.subarray(0, length)
  }
}
