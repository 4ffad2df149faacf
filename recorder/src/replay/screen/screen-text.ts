import type { IBuffer, IBufferCell } from '@xterm/headless'

/** Returns the text that draws the lines of `buffer` on an empty screen, and then puts the cursor at its place. */
export function screenText(buffer: IBuffer, rows: number, cols: number): string {
  const cell = buffer.getNullCell()
  let text = '\u001b[m'
  let pen = ''
  for (let row = 0; row < rows; row += 1) {
    const line = buffer.getLine(buffer.baseY + row)
    if (line === undefined) continue
    let written = ''
    let end = 0
    for (let column = 0; column < cols; column += 1) {
      line.getCell(column, cell)
      if (cell.getWidth() === 0) continue
      const characters = cell.getChars()
      const look = penOf(cell)
      if (characters === '' && look === '') continue
      if (column > end) written += `\u001b[${row + 1};${column + 1}H`
      if (look !== pen) written += `\u001b[0${look}m`
      pen = look
      written += characters === '' ? ' ' : characters
      end = column + Math.max(1, cell.getWidth())
    }
    if (written !== '') text += `\u001b[${row + 1};1H${written}`
  }
  const { cursorX, cursorY } = buffer
  return `${text}\u001b[m\u001b[${cursorY + 1};${Math.min(cursorX, cols - 1) + 1}H`
}

/**
 * Returns the text that leaves the cursor behind the last column, where the next character goes to a new line: that
 * comes of printing there, and of nothing else. Empty where the cursor is somewhere else.
 */
export function behindLastColumn(buffer: IBuffer, cols: number, row: number): string {
  if (buffer.cursorX < cols) return ''
  const line = buffer.getLine(buffer.baseY + buffer.cursorY)
  const last = line?.getCell(cols - 1)
  const column = last?.getWidth() === 0 ? cols - 2 : cols - 1
  const cell = line?.getCell(column)
  if (cell === undefined) return ''
  return `\u001b[${row};${column + 1}H\u001b[0${penOf(cell)}m${cell.getChars() || ' '}\u001b[m`
}

/** The parameters that give a cell its look, each with a leading semicolon. */
function penOf(cell: IBufferCell): string {
  let pen = ''
  if (cell.isBold() !== 0) pen += ';1'
  if (cell.isDim() !== 0) pen += ';2'
  if (cell.isItalic() !== 0) pen += ';3'
  if (cell.isUnderline() !== 0) pen += ';4'
  if (cell.isBlink() !== 0) pen += ';5'
  if (cell.isInverse() !== 0) pen += ';7'
  if (cell.isInvisible() !== 0) pen += ';8'
  if (cell.isStrikethrough() !== 0) pen += ';9'
  if (cell.isFgRGB()) pen += `;38;2;${rgb(cell.getFgColor())}`
  else if (cell.isFgPalette()) pen += `;38;5;${cell.getFgColor()}`
  if (cell.isBgRGB()) pen += `;48;2;${rgb(cell.getBgColor())}`
  else if (cell.isBgPalette()) pen += `;48;5;${cell.getBgColor()}`
  return pen
}

function rgb(color: number): string {
  return `${color >> 16};${(color >> 8) & 255};${color & 255}`
}
