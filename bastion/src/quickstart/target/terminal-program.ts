import { constants } from 'node:os'
import type { spawn as spawnTerminal } from 'node-pty'
import { isSignal } from './child-program.ts'
import type { Program, ProgramEnd, ProgramOutput, ProgramRequest } from './program.ts'

export interface TerminalOptions {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly terminal: NonNullable<ProgramRequest['terminal']>
  readonly output: ProgramOutput
}

export type StartInTerminal = (options: TerminalOptions) => Program

/** Returns what starts programs in a terminal; undefined where node-pty was not built. */
export async function loadTerminals(): Promise<StartInTerminal | undefined> {
  try {
    const { spawn } = await import('node-pty')
    return (options) => startInTerminal(spawn, options)
  } catch {
    return undefined
  }
}

/** node-pty drops what it has not delivered 0.2 seconds after the program's end, so it is held back late. */
const MAX_PENDING = 1 << 20

function startInTerminal(spawn: typeof spawnTerminal, options: TerminalOptions): Program {
  const { file, args, cwd, env, terminal, output } = options
  const { type, cols, rows } = terminal
  const pty = spawn(file, [...args], {
    cwd,
    env: { ...env, TERM: type },
    name: type,
    cols: within(cols, 80),
    rows: within(rows, 24),
    encoding: null,
  })
  let written: Promise<void> = Promise.resolve()
  let pending = 0
  let over = false
  pty.onData((data: string | Buffer) => {
    const bytes = Buffer.from(data)
    pending += bytes.length
    if (pending > MAX_PENDING) pty.pause()
    written = written
      .then(() => output.stdout(bytes))
      .then(() => {
        pending -= bytes.length
        if (pending <= MAX_PENDING) pty.resume()
      })
  })
  pty.onExit(({ exitCode, signal }) => {
    over = true
    void written.then(() => output.ended(endOf(exitCode, signal)))
  })
  const whileRunning = (act: () => void): void => {
    if (!over) act()
  }
  return {
    input: (bytes) => {
      whileRunning(() => pty.write(bytes))
      return true
    },
    onDrain: () => {},
    // As with sshd, the end of input does not end what runs in a terminal.
    inputEnded: () => {},
    outputUnwanted: () => {},
    resize: (size) => whileRunning(() => pty.resize(within(size.cols, 80), within(size.rows, 24))),
    signal: (name) => {
      if (isSignal(name)) whileRunning(() => pty.kill(`SIG${name}`))
    },
    hangUp: () => whileRunning(() => pty.kill('SIGHUP')),
  }
}

function endOf(status: number, signal: number | undefined): ProgramEnd {
  const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0]
  return name === undefined || signal === 0
    ? { kind: 'exit', status }
    : { kind: 'signal', signal: name.slice(3) }
}

/** Zero means unknown (RFC 4254 section 6.2), and no terminal is that large. */
function within(size: number, otherwise: number): number {
  return size >= 1 && size <= 1000 ? size : otherwise
}
