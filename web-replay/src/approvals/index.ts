export { FRESH_FOR, freshUntil } from '../login/fresh.ts'
export { linesOf, piecesOf, type Piece } from './pieces.ts'
