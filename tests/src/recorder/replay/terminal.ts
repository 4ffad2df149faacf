import xterm, { type IBufferCell } from '@xterm/headless'
import fc from 'fast-check'

export const COLS = 20
export const ROWS = 6

/** What a program may print: text, and sequences that move, erase, colour, scroll and switch. */
export const printed = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('abc', 'x', 'wider日本', 'q  r', '\r\n', '\n', '\r', '\t'),
  },
  fc.constantFrom('\u001b[H', '\u001b[3;5H', '\u001b[2J', '\u001b[K', '\u001b[1K', '\u001b[J'),
  fc.constantFrom('\u001b[31m', '\u001b[1;44m', '\u001b[0m', '\u001b[38;5;99m', '\u001b[7m'),
  fc.constantFrom('\u001b[38;2;1;2;3m', '\u001b[?25l', '\u001b[?25h', '\u001b[?7l', '\u001b[?7h'),
  fc.constantFrom('\u001b[2;4r', '\u001b[r', '\u001bM', '\u001bD', '\u001b[2L', '\u001b[1M'),
  fc.constantFrom(
    '\u001b[?1049h',
    '\u001b[?1049l',
    '\u001b[4h',
    '\u001b[4l',
    '\u001b(0lqk\u001b(B',
  ),
  fc.constantFrom('\u001b[2@', '\u001b[3P', '\u001b[2X', '\u001b[2S', '\u001b[A', '\u001b[5C'),
)

/** What a terminal of nobody here shows: each cell's character and look, and where the cursor is. */
export async function shown(texts: readonly string[]): Promise<string> {
  const terminal = new xterm.Terminal({
    cols: COLS,
    rows: ROWS,
    scrollback: 0,
    allowProposedApi: true,
  })
  await new Promise<void>((resolve) => terminal.write(texts.join(''), resolve))
  const { active } = terminal.buffer
  let text = `${active.type} ${active.cursorX},${active.cursorY}`
  for (let row = 0; row < ROWS; row += 1) {
    let width = 1
    for (let column = 0; column < COLS; column += 1) {
      const cell = active.getLine(row)?.getCell(column)
      if (cell === undefined) continue
      // The second half of a wide character; where the first has gone, it is a space.
      const isSecond = width === 2
      width = cell.getWidth()
      if (isSecond && width === 0) continue
      const look = [cell.getFgColor(), cell.getBgColor(), ...attributesOf(cell)]
      text += `|${cell.getChars() || ' '}${look.join(',')}`
    }
  }
  terminal.dispose()
  return text
}

function attributesOf(cell: IBufferCell): number[] {
  const lines = [cell.isUnderline(), cell.isOverline(), cell.isStrikethrough()]
  const looks = [cell.isBold(), cell.isDim(), cell.isItalic(), cell.isBlink(), cell.isInverse()]
  return [...looks, cell.isInvisible(), ...lines].map((is) => Math.sign(is))
}
