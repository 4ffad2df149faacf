/**
 * Text from recordings, certificates and token claims is written by the party under review. Characters
 * that a reviewer cannot see could join, hide or reorder what is shown, so each is replaced by a
 * visible mark; removing them would also remove the evidence that they were there.
 *
 *   Cc  C0, DEL, C1           control pictures U+2400.. for C0 and DEL, else <U+XXXX>
 *   Cf  bidi, zero width, tags <U+XXXX>
 *   Zl Zp Cs, default ignorable, interlinear fillers  <U+XXXX>
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu

/** Returns `text` with each unseen character made visible, cut to `limit` code units at most. */
export function visibleText(text: string, limit = 4096): string {
  const kept = text.length > limit ? `${text.slice(0, limit)}…` : text
  return kept.replace(UNSEEN, mark)
}

/** Returns a copy of a JSON value whose strings and keys went through `visibleText`, cut at depth 6. */
export function visibleJson(value: unknown, depth = 6): unknown {
  if (typeof value === 'string') return visibleText(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth === 0) return '…'
  if (Array.isArray(value)) return value.map((item: unknown) => visibleJson(item, depth - 1))
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [visibleText(key), visibleJson(item, depth - 1)]),
  )
}

function mark(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20) return String.fromCodePoint(0x2400 + code)
  if (code === 0x7f) return '\u2421'
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
}
