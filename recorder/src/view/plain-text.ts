const LABEL_LENGTH = 256

// Control and format characters (zero-width and bidirectional ones among them), line and paragraph
// separators, and the letters that show nothing: all that hides or reorders what is read.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu

/** Returns `text` as one line without anything that could mislead a reviewer, cut to 256 characters. */
export function plainText(text: string): string {
  const plain = text.toWellFormed().replaceAll(INVISIBLE, '')
  const characters = Array.from(plain)
  if (characters.length <= LABEL_LENGTH) return plain
  return `${characters.slice(0, LABEL_LENGTH - 1).join('')}…`
}
