export { FRESH_FOR, freshUntil } from '../login/fresh.ts'
export { linesOf, piecesOf } from './pieces.ts'
export type { Piece } from '../rows/held.ts'
