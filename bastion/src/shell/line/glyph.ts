import { readCommandText } from '../../decide/parse/index.ts'

/** What one place of the screen shows: one column, or two. */
export interface Glyph {
  readonly shown: string
  readonly width: 1 | 2
}

// Only characters whose width every terminal agrees on are shown as they are; no mark that joins
// another character, and nothing that is written from right to left.
const narrow =
  /^(?!\p{M})[\xa1-\u02ff\u0370-\u0556\u1e00-\u1fff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf]$/u
const wide = /^[\u3041-\u3096\u30a1-\u30fa\u3400-\u4db5\u4e00-\u9fa5\uac00-\ud7a3\uff01-\uff5e]$/u

const ascii: readonly (readonly Glyph[])[] = Array.from({ length: 0x7f }, (_, code) => [
  { shown: String.fromCharCode(code), width: 1 },
])

/** Returns how a character is shown, or undefined when no command may hold it. */
export function glyphsOf(character: string): readonly Glyph[] | undefined {
  const code = character.codePointAt(0) ?? 0
  if (code >= 0x20 && code < 0x7f) return ascii[code]
  if (readCommandText(Buffer.from(character)).kind === 'bytes') return undefined
  if (code < 0x20) return plainGlyphs(`^${String.fromCharCode(code + 0x40)}`)
  if (narrow.test(character)) return [{ shown: character, width: 1 }]
  if (wide.test(character)) return [{ shown: character, width: 2 }]
  return plainGlyphs(`<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`)
}

/** Returns how a text of ours is shown; what no command may hold becomes a question mark. */
export function glyphsOfText(text: string): readonly Glyph[] {
  const glyphs: Glyph[] = []
  for (const character of text) glyphs.push(...(glyphsOf(character) ?? plainGlyphs('?')))
  return glyphs
}

function plainGlyphs(text: string): readonly Glyph[] {
  return Array.from(text, (shown) => ({ shown, width: 1 }))
}
