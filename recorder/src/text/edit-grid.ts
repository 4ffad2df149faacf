import type { Grid } from './grid.ts'

/** Where a sequence takes effect. */
export interface EditPlace {
  /** The cursor, which may stand behind the last cell of a row. */
  readonly x: number
  readonly y: number
  readonly cols: number
  /** The margins between which rows scroll. */
  readonly top: number
  readonly bottom: number
}

/** Obeys a sequence that erases or moves what is on the screen, and no other. */
export function editGrid(
  grid: Grid,
  place: EditPlace,
  final: string,
  mode: number,
  count: number,
): void {
  const { x, y, cols, top, bottom } = place
  switch (final) {
    case 'J':
      return eraseScreen(grid, place, mode)
    case 'K':
      if (mode <= 2) grid.erase(y, mode === 0 ? x : 0, mode === 1 ? x + 1 : cols)
      return
    case 'X':
      return grid.erase(y, x, x + count)
    case 'P':
      return grid.remove(y, x, count)
    case '@':
      return grid.insert(y, x, count, cols)
    case 'S':
      return grid.scrollUp(top, bottom, count)
    case 'T':
      return grid.scrollDown(top, bottom, count)
  }
}

function eraseScreen(grid: Grid, { x, y, cols }: EditPlace, mode: number): void {
  const last = grid.rows.length - 1
  if (mode === 0) {
    grid.erase(y, x, cols)
    grid.clear(y + 1, last)
  } else if (mode === 1) {
    grid.erase(y, 0, x + 1)
    grid.clear(0, y - 1)
  } else if (mode === 2) grid.clear(0, last)
}
