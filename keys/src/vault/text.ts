import { fixedBuffer } from './scratch.ts'

/**
 * Returns the bytes of base64 text (line breaks and blanks allowed), or undefined when it is malformed.
 * Buffer.from reads base64 from strings only, and a string of a private key stays in the heap.
 */
export function decodeBase64(text: Uint8Array): Buffer | undefined {
  const bytes = fixedBuffer(Math.ceil((text.length * 3) / 4))
  let length = 0
  let bits = 0
  let pending = 0
  let padded = false
  for (const char of text) {
    if (isBlank(char)) continue
    if (char === 0x3d) {
      padded = true
      continue
    }
    const value = sextet(char)
    if (value === undefined || padded) {
      bytes.fill(0)
      return undefined
    }
    pending = ((pending << 6) | value) & 0xffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[length++] = pending >> bits
    }
  }
  return bytes.subarray(0, length)
}

/** Returns base64 with its padding, as bytes: a string could not be wiped. */
export function encodeBase64(bytes: Uint8Array): Buffer {
  const encoded = fixedBuffer(Math.ceil(bytes.length / 3) * 4).fill('=')
  for (let at = 0, to = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
    for (let index = 0; index < Math.min(left, 3) + 1; index++) {
      encoded[to + index] = charOf((group >> (18 - 6 * index)) & 63)
    }
    to += 4
  }
  return encoded
}

/** Returns the bytes of hex text (blanks at its end allowed), or undefined when it is malformed. */
export function decodeHex(text: Uint8Array): Buffer | undefined {
  const end = text.findLastIndex((char) => !isBlank(char)) + 1
  const bytes = fixedBuffer(end >> 1)
  for (let index = 0; index < end; index++) {
    const value = nibble(text[index] ?? 0)
    if (value === undefined || end % 2 !== 0) {
      bytes.fill(0)
      return undefined
    }
    bytes[index >> 1] = ((bytes[index >> 1] ?? 0) << 4) | value
  }
  return bytes
}

function isBlank(char: number): boolean {
  return char === 0x20 || (char >= 0x09 && char <= 0x0d)
}

function nibble(char: number): number | undefined {
  if (char >= 0x30 && char <= 0x39) return char - 0x30
  const lower = char | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : undefined
}

function charOf(sextet: number): number {
  if (sextet < 26) return 0x41 + sextet
  if (sextet < 52) return 0x61 + sextet - 26
  if (sextet < 62) return 0x30 + sextet - 52
  return sextet === 62 ? 0x2b : 0x2f
}

function sextet(char: number): number | undefined {
  if (char >= 0x41 && char <= 0x5a) return char - 0x41
  if (char >= 0x61 && char <= 0x7a) return char - 0x61 + 26
  if (char >= 0x30 && char <= 0x39) return char - 0x30 + 52
  if (char === 0x2b) return 62
  return char === 0x2f ? 63 : undefined
}
