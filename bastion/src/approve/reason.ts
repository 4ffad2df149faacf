/** Bytes of a reason that are kept. */
export const LONGEST_REASON = 1024

const control = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]+/gu

/** Returns a person's reason on one line, without characters that nobody sees; undefined when it is too long. */
export function cleanReason(text: string): string | undefined {
  if (text.length > LONGEST_REASON || Buffer.byteLength(text) > LONGEST_REASON) return undefined
  return text.replace(control, ' ').trim()
}
