import type { Scratch } from './scratch.ts'

/** Writes the few kinds of X.690 values that private keys are made of; all bytes go to a scratch. */
export interface DerWriter {
  sequence(...parts: readonly Uint8Array[]): Buffer
  octets(bytes: Uint8Array): Buffer
  bits(bytes: Uint8Array): Buffer
  /** A context tag around one value. */
  explicit(number: number, value: Uint8Array): Buffer
  /** A non-negative INTEGER from its magnitude. */
  integer(magnitude: Uint8Array): Buffer
}

export function createDerWriter(scratch: Scratch): DerWriter {
  function value(tag: number, ...parts: readonly Uint8Array[]): Buffer {
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    return scratch.keep(Buffer.concat([Buffer.of(tag, ...lengthOctets(length)), ...parts]))
  }
  return {
    sequence: (...parts) => value(0x30, ...parts),
    octets: (bytes) => value(0x04, bytes),
    bits: (bytes) => value(0x03, Buffer.of(0), bytes),
    explicit: (number, inner) => value(0xa0 + number, inner),
    integer(magnitude) {
      const first = magnitude.findIndex((byte) => byte !== 0)
      if (first === -1) return value(0x02, Buffer.of(0))
      const minimal = magnitude.subarray(first)
      const sign = (minimal[0] ?? 0) >= 0x80 ? Buffer.of(0) : Buffer.alloc(0)
      return value(0x02, sign, minimal)
    },
  }
}

// X.690 section 8.1.3
function lengthOctets(length: number): readonly number[] {
  if (length < 0x80) return [length]
  const octets: number[] = []
  for (let left = length; left > 0; left >>= 8) octets.unshift(left & 0xff)
  return [0x80 + octets.length, ...octets]
}
