import { visibleText } from '../review/visible-text.ts'
import type { Piece } from '../rows/held.ts'

const STRETCH = /( +)|([\x21-\x7e]+)|([^\x20-\x7e]+)/gu

/** Returns all of `text`, in stretches that an approver cannot take for something else. */
export function piecesOf(text: string): readonly Piece[] {
  return [...text.matchAll(STRETCH)].map(([whole, blank, plain]): Piece => {
    if (blank !== undefined) return { kind: 'blank', text: whole }
    if (plain !== undefined) return { kind: 'plain', text: whole }
    return {
      kind: 'odd',
      text: visibleText(whole, Number.POSITIVE_INFINITY),
      codes: codesOf(whole),
    }
  })
}

/** Returns each line of `text`; none is left out, and nothing is cut. */
export function linesOf(text: string): readonly (readonly Piece[])[] {
  return text.split('\n').map(piecesOf)
}

function codesOf(text: string): string {
  const codes = Array.from(text, (character) => {
    return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
  })
  return codes.length > 16 ? `${codes.slice(0, 16).join(' ')} …` : codes.join(' ')
}
