import type { Terminal } from './control.ts'

/** Where text goes; the standard output of a process is one. */
export interface TextStream {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
  write(text: string): unknown
}

/** Returns a stream as a terminal, as large as it is whenever it is asked; undefined when it is none. */
export function openTerminal(stream: TextStream): Terminal | undefined {
  if (stream.isTTY !== true) return undefined
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
