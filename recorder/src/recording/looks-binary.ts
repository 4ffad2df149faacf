import { isUtf8 } from 'node:buffer'

const SAMPLE = 1024
const REPLACEMENT = '\ufffd'

/**
 * True when `source[0, length)`, a piece of output, is not text: it holds a NUL, or in its first KiB more than a tenth
 * (and more than a handful) is control characters that no terminal program prints, or not UTF-8.
 */
export function looksBinary(source: Buffer, length: number): boolean {
  const sampled = Math.min(length, SAMPLE)
  let odd = 0
  let ascii = true
  for (let index = 0; index < sampled; index += 1) {
    const byte = source[index] as number
    if (byte === 0) return true
    if (byte < 0x20 && !isPrinted(byte)) odd += 1
    if (byte > 0x7f) ascii = false
  }
  if (ascii && length === sampled) return odd > 8 + sampled / 10
  const bytes = source.subarray(0, length)
  if (bytes.includes(0, sampled)) return true
  if (!isUtf8(bytes)) odd += bytes.toString('utf8', 0, sampled).split(REPLACEMENT).length - 1
  return odd > 8 + sampled / 10
}

/** Bell, backspace, tab, line feed, vertical tab, form feed, carriage return, escape. */
function isPrinted(byte: number): boolean {
  return (byte >= 0x07 && byte <= 0x0d) || byte === 0x1b
}
