import type { WriteStream } from 'node:tty'
import type { Terminal } from './control.ts'

/** Returns a stream as a terminal, as large as it is whenever it is asked; undefined when it is none. */
export function openTerminal(stream: WriteStream): Terminal | undefined {
  if (!stream.isTTY) return undefined
  return {
    // A terminal that does not know its size says 0.
    get columns() {
      return stream.columns || 80
    },
    get rows() {
      return stream.rows || 24
    },
    write: (text) => void stream.write(text),
  }
}
