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

/**
 * Makes the inbound cipher of a connection put packets that arrive in parts together in memory that is used again. ssh2
 * takes a new buffer for each, and nearly every packet of a bulk transfer is one: to collect them was a quarter of the
 * relay's time. One is to be made after every key exchange, since each brings a new cipher.
 */
export class PacketCollector {
  readonly #decipher: PacketDecipher
  readonly #isKept: () => boolean
  /** What the cipher sees as its packet. */
  #packet: Uint8Array | null
  #own: Buffer | undefined

  /** `isKept` says whether somebody keeps the packets that come now: they get memory that is theirs. */
  constructor(decipher: PacketDecipher, isKept: () => boolean) {
    this.#decipher = decipher
    this.#isKept = isKept
    this.#packet = decipher._packet
    if (!decryptsInPlace(decipher)) return
    Object.defineProperty(decipher, '_packet', {
      get: () => this.#packet ?? this.#begin(),
      set: (packet: Uint8Array | null) => {
        this.#packet = packet
      },
    })
  }

  /** To be called when everything in `lent` was parsed: what the cipher keeps of it is copied. */
  settle(lent: Buffer): void {
    const packet = this.#decipher._pktLen === 0 ? null : this.#decipher._packet
    if (packet === null) this.release()
    else if (packet.buffer === lent.buffer) {
      const kept = this.#memory(packet.length)
      kept.set(packet)
      this.#decipher._packet = kept
    }
  }

  /** The connection is gone, or has a new cipher. */
  release(): void {
    if (this.#own !== undefined && free.length < KEPT) free.push(this.#own)
    this.#own = undefined
  }

  /** The cipher knows how long its packet is, and asks for the memory to put the parts in. */
  #begin(): Uint8Array | null {
    if (this.#decipher._len === 0) return null
    this.#packet = this.#memory(this.#decipher._len)
    return this.#packet
  }

  #memory(length: number): Buffer {
    if (this.#isKept()) return Buffer.allocUnsafeSlow(length)
    this.#own ??= free.pop() ?? Buffer.allocUnsafeSlow(LONGEST)
    return this.#own.subarray(0, length)
  }
}
