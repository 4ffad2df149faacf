const ZERO = 0x30
const POINT = 0x2e

/** The most bytes that `writeSeconds` writes. */
export const SECONDS_SIZE = 24

/**
 * Writes `microseconds`, a whole number that is not negative, as seconds at `target[at]`, without zeros at the end, and
 * returns where it ends. Digit by digit: to have the number made into a string costs more than all else of a short event.
 */
export function writeSeconds(microseconds: number, target: Uint8Array, at: number): number {
  const whole = Math.floor(microseconds / 1e6)
  let rest = microseconds - whole * 1e6
  let end = at
  if (whole < 10) target[end++] = ZERO + whole
  else for (const digit of String(whole)) target[end++] = digit.charCodeAt(0)
  if (rest > 0) target[end++] = POINT
  for (let unit = 1e5; rest > 0; unit /= 10) {
    const digit = Math.floor(rest / unit)
    target[end++] = ZERO + digit
    rest -= digit * unit
  }
  return end
}
