import { closeSync, openSync, writeSync } from 'node:fs'

export interface OperationalLog {
  write(line: string): void
  /** Writes an error that nobody is waiting for. */
  error(error: unknown): void
  close(): void
}

/** Opens the file for all that would only be noise on the screen. Mode 0600. */
export function openOperationalLog(file: string): OperationalLog {
  const fd = openSync(file, 'a', 0o600)
  let open = true
  const write = (line: string): void => {
    if (open) writeSync(fd, line)
  }
  return {
    write,
    error: (error) => {
      const message = error instanceof Error ? error.message : String(error)
      const line = { time: new Date().toISOString(), event: 'quickstart.error', message }
      write(`${JSON.stringify(line)}\n`)
    },
    close: () => {
      open = false
      closeSync(fd)
    },
  }
}
