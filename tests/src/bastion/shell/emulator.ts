import xterm from '@xterm/headless'

export interface Emulator {
  write(text: string): Promise<void>
  resize(cols: number, rows: number): void
  /** All rows, those that scrolled away too, without blank ones at the end. */
  rows(): readonly string[]
  /** Where the next character goes: its row counted from the very first, and its column. */
  cursor(): { readonly row: number; readonly col: number }
  dispose(): void
}

/** Returns a terminal emulator that nobody here wrote. */
export function openEmulator(cols: number, rows: number): Emulator {
  const terminal = new xterm.Terminal({ cols, rows, scrollback: 5000, allowProposedApi: true })
  const { active } = terminal.buffer
  return {
    write: (text) => new Promise((resolve) => terminal.write(text, resolve)),
    resize: (width, height) => terminal.resize(width, height),
    rows: () => {
      const all = Array.from(
        { length: active.length },
        (_, at) => active.getLine(at)?.translateToString(true).trimEnd() ?? '',
      )
      return all.slice(0, all.findLastIndex((row) => row !== '') + 1)
    },
    cursor: () => {
      const row = active.baseY + active.cursorY
      const waits = active.cursorX === terminal.cols
      return waits ? { row: row + 1, col: 0 } : { row, col: active.cursorX }
    },
    dispose: () => terminal.dispose(),
  }
}
