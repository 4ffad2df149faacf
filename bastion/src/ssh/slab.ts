const SLAB_SIZE = 1 << 20
/** Slabs kept for the next packets, in all; more are left to the garbage collector. */
const KEPT = 16

interface Slab {
  readonly bytes: Buffer
  used: number
  /** Pieces that are out. */
  taken: number
}

/** Cuts short-lived byte ranges from large ones and uses those again. */
export interface Slabs {
  /** Returns `length` bytes with arbitrary contents. Consecutive ranges are adjacent, as far as they are of one slab. */
  take(length: number): Buffer
  /** Takes back `count` ranges that lie in the memory of `bytes`; nobody may look at them any more. */
  give(bytes: Uint8Array, count?: number): void
}

/**
 * Returns an allocator. A range that is never given back costs no more than its slab, which is then not used again; a
 * new slab for each mebibyte was a quarter of the relay's time, in page faults and collection.
 */
export function createSlabs(): Slabs {
  const owners = new WeakMap<ArrayBufferLike, Slab>()
  const free: Slab[] = []
  let current: Slab | undefined

  const next = (): Slab => {
    const slab = free.pop() ?? { bytes: Buffer.allocUnsafeSlow(SLAB_SIZE), used: 0, taken: 0 }
    slab.used = 0
    owners.set(slab.bytes.buffer, slab)
    return slab
  }
  return {
    take(length) {
      if (length > SLAB_SIZE >> 2) return Buffer.allocUnsafeSlow(length)
      if (current === undefined || current.used + length > SLAB_SIZE) current = next()
      const start = current.used
      current.used += length
      current.taken += 1
      return current.bytes.subarray(start, current.used)
    },
    give(bytes, count = 1) {
      const slab = owners.get(bytes.buffer)
      if (slab === undefined) return
      slab.taken -= count
      if (slab.taken > 0) return
      if (slab === current) slab.used = 0
      else if (free.length < KEPT && !free.includes(slab)) free.push(slab)
    },
  }
}

/** Packets on their way out: taken by ciphers, given back by the link that has sent them. */
export const packetSlabs: Slabs = createSlabs()

/** Bytes of the target that wait to be written to a recording. */
export const heldSlabs: Slabs = createSlabs()
