import { isUtf8 } from 'node:buffer'

const SAMPLE = 1024
const REPLACEMENT = '\ufffd'

/**
 * True when a piece of output is not text: it holds a NUL, or in its first KiB more than a tenth
 * (and more than a handful) is control characters that no terminal program prints, or not UTF-8.
 */
export function looksBinary(bytes: Buffer): boolean {
  if (bytes.includes(0)) return true
  const sample = bytes.subarray(0, SAMPLE)
  let odd = 0
  for (const byte of sample) {
    if (byte < 0x20 && !isPrinted(byte)) odd += 1
  }
  if (!isUtf8(bytes)) odd += sample.toString('utf8').split(REPLACEMENT).length - 1
  return odd > 8 + sample.length / 10
}

/** Bell, backspace, tab, line feed, vertical tab, form feed, carriage return, escape. */
function isPrinted(byte: number): boolean {
  return (byte >= 0x07 && byte <= 0x0d) || byte === 0x1b
}
