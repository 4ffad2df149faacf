import { randomBytes } from 'node:crypto'

export interface SerialOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly random?: (size: number) => Buffer
}

/** Counted from 2020, so that 41 bits last until 2089. */
const epoch = Date.UTC(2020, 0, 1)
const lowBits = 23n

/**
 * Returns a source of serial numbers: 41 bits of milliseconds, 23 random bits. They only ever grow
 * within one source, also when the clock is set back, and two sources do not meet in practice.
 */
export function createSerials({ now, random = randomBytes }: SerialOptions): () => bigint {
  let last = 0n
  return () => {
    const low = BigInt(random(3).readUIntBE(0, 3)) & ((1n << lowBits) - 1n)
    const next = BigInt.asUintN(64, (BigInt(Math.floor(now()) - epoch) << lowBits) | low)
    last = next > last ? next : last + 1n
    return last
  }
}
