export { FRESH_FOR, freshUntil } from './fresh.ts'
export { linesOf, piecesOf, type Piece } from './pieces.ts'
