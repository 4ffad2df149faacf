/**
 * Returns how many bytes (0 to 3) at the end of `bytes[from, to)` begin a UTF-8 character that is
 * not finished there. Bytes that cannot begin a character are not held back.
 */
export function unfinishedTail(bytes: Uint8Array, from: number, to: number): number {
  const limit = Math.min(3, to - from)
  for (let length = 1; length <= limit; length += 1) {
    const byte = bytes[to - length] as number
    if (byte < 0x80) return 0
    if (byte < 0xc0) continue
    return characterLength(byte) > length ? length : 0
  }
  return 0
}

/** The longest text that is looked at byte by byte: a call into native code costs as much. */
const SHORT = 64

/** True when `bytes[from, to)` is short and ASCII; tells little of what is not, but costs nearly nothing. */
export function isShortAscii(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from > SHORT) return false
  for (let index = from; index < to; index += 1) {
    if ((bytes[index] as number) > 0x7f) return false
  }
  return true
}

/** Returns the nearest place at or before `at`, but after `from`, that is not inside a character. */
export function characterStart(bytes: Uint8Array, from: number, at: number): number {
  for (let start = at; start > from && start > at - 4; start -= 1) {
    if (((bytes[start] as number) & 0xc0) !== 0x80) return start
  }
  return at
}

function characterLength(lead: number): number {
  if (lead < 0xc2 || lead > 0xf4) return 1
  if (lead < 0xe0) return 2
  return lead < 0xf0 ? 3 : 4
}
