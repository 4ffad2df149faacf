import type { Terminal } from '../control.ts'

/** Lines at the end of a terminal that change in place. */
export interface LiveLines {
  /** Puts lines in the place of those before. Each must fit into the terminal. */
  draw(lines: readonly string[]): void
  /** Takes them away. */
  clear(): void
}

/** Returns live lines, none to begin with. The cursor stays below them. */
export function createLiveLines(terminal: Terminal): LiveLines {
  let drawn: readonly string[] = []
  const back = (): string => {
    const { columns, rows } = terminal
    // A terminal that has become narrower has wrapped them.
    const height = drawn.reduce(
      (sum, { length }) => sum + Math.max(1, Math.ceil(length / columns)),
      0,
    )
    const up = Math.min(height, rows - 1)
    return up === 0 ? '\r' : `\r\u001b[${up}A`
  }
  return {
    draw(lines) {
      const body = lines.map((line) => `${line}\u001b[K\r\n`).join('')
      terminal.write(`${back()}${body}\u001b[J`)
      drawn = lines
    },
    clear() {
      if (drawn.length > 0) terminal.write(`${back()}\u001b[J`)
      drawn = []
    },
  }
}
