import type { Scratch } from './scratch.ts'

/**
 * Returns `value` mod (`prime` - 1), for the exponents that RFC 8017 wants and OpenSSH leaves out.
 * Bytes and not bigint, since a bigint cannot be wiped.
 */
export function moduloPredecessor(value: Uint8Array, prime: Uint8Array, scratch: Scratch): Buffer {
  const modulus = scratch.keep(Buffer.concat([Buffer.of(0), prime]))
  // A prime above 2 is odd.
  const last = modulus.length - 1
  modulus[last] = (modulus[last] ?? 0) - 1
  const rest = scratch.keep(Buffer.alloc(modulus.length))
  for (const byte of value) {
    for (let bit = 7; bit >= 0; bit--) {
      shiftIn(rest, (byte >> bit) & 1)
      if (Buffer.compare(rest, modulus) >= 0) subtract(rest, modulus)
    }
  }
  return rest
}

function shiftIn(number: Buffer, bit: number): void {
  let carry = bit
  for (let index = number.length - 1; index >= 0; index--) {
    const shifted = ((number[index] ?? 0) << 1) | carry
    number[index] = shifted & 0xff
    carry = shifted >> 8
  }
}

function subtract(number: Buffer, other: Buffer): void {
  let borrow = 0
  for (let index = number.length - 1; index >= 0; index--) {
    const difference = (number[index] ?? 0) - (other[index] ?? 0) - borrow
    number[index] = difference & 0xff
    borrow = difference < 0 ? 1 : 0
  }
}
