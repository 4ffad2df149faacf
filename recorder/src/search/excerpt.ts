import type { SearchPiece } from '../rows/index.ts'

/** Characters around which FTS5 puts what it found; no text that is indexed holds them. */
export const OPENING = '\u0001'
export const CLOSING = '\u0002'

const AROUND = 80

/** Returns the pieces of an excerpt that FTS5 has marked. */
export function markedPieces(text: string): readonly SearchPiece[] {
  return text.split(OPENING).flatMap((part, index) => {
    const [hit = '', rest = ''] = index === 0 ? ['', part] : part.split(CLOSING)
    return [
      { text: hit, hit: true },
      { text: rest, hit: false },
    ].filter((piece) => piece.text !== '')
  })
}

/** Returns the pieces of `text` around the first place that holds `wanted`, whatever the case. */
export function piecesAround(text: string, wanted: string): readonly SearchPiece[] {
  const at = text.toLowerCase().indexOf(wanted.toLowerCase())
  if (at === -1) return [{ text: cut(text, 0, 2 * AROUND), hit: false }]
  const end = at + wanted.length
  return [
    { text: cut(text, at - AROUND, at), hit: false },
    { text: text.slice(at, end), hit: true },
    { text: cut(text, end, end + AROUND), hit: false },
  ].filter((piece) => piece.text !== '')
}

function cut(text: string, from: number, to: number): string {
  const start = Math.max(0, from)
  const head = start > 0 && from > 0 ? '…' : ''
  return `${head}${text.slice(start, to)}${to < text.length && to > 0 ? '…' : ''}`
}
