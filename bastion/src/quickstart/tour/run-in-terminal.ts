import type { StartInTerminal } from '../target/index.ts'
import { NO_PROXY, plain, TIMEOUT, type Outcome } from './outcome.ts'
import { createTypist, type Keys } from './typist.ts'

export interface InTerminalOptions {
  readonly start: StartInTerminal
  readonly keys: Keys
  readonly signal: AbortSignal
}

/** Runs a command line in a terminal of our own; all that it shows counts as standard output. */
export function runInTerminal(text: string, options: InTerminalOptions): Promise<Outcome> {
  const { start, keys, signal } = options
  return new Promise((resolve) => {
    const shown: Buffer[] = []
    const program = start({
      file: '/bin/sh',
      args: ['-c', text],
      cwd: process.cwd(),
      env: { ...ownEnvironment(), ...NO_PROXY },
      terminal: { type: 'xterm', cols: 80, rows: 24 },
      output: {
        async stdout(bytes) {
          shown.push(bytes)
          hear(bytes)
        },
        async stderr() {},
        ended(end) {
          clearTimeout(timer)
          signal.removeEventListener('abort', stop)
          const all = plain(shown)
          const status = end.kind === 'exit' ? end.status : -1
          resolve({ status, stdout: all, stderr: '', shown: all })
        },
      },
    })
    const hear = createTypist(keys, (key) => void program.input(Buffer.from(key)))
    const stop = (): void => program.hangUp()
    const timer = setTimeout(stop, TIMEOUT)
    signal.addEventListener('abort', stop)
  })
}

function ownEnvironment(): Record<string, string> {
  const set = Object.entries(process.env).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  )
  return Object.fromEntries(set)
}
