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
  const at = Math.max(0, text.toLowerCase().indexOf(wanted.toLowerCase()))
  const before = text.slice(0, at)
  const after = text.slice(at + wanted.length)
  return [
    { text: before.length > AROUND ? `…${before.slice(-AROUND)}` : before, hit: false },
    { text: text.slice(at, at + wanted.length), hit: true },
    { text: after.length > AROUND ? `${after.slice(0, AROUND)}…` : after, hit: false },
  ].filter((piece) => piece.text !== '')
}
