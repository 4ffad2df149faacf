import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import type { Program, ProgramEnd, ProgramOutput } from './program.ts'

export interface ChildOptions {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly output: ProgramOutput
}

/** Starts a program on three pipes, in a process group of its own so that a signal reaches all of it. */
export function startChild(options: ChildOptions): Program {
  const { file, args, cwd, env, output } = options
  const child = spawn(file, args, { cwd, env, detached: true, stdio: 'pipe' })
  const ended = new Promise<ProgramEnd>((resolve) => {
    child.once('error', () => resolve({ kind: 'exit', status: 127 }))
    child.once('exit', (status, signal) => {
      if (signal === null) resolve({ kind: 'exit', status: status ?? 255 })
      else resolve({ kind: 'signal', signal: signal.slice(3) })
    })
  })
  const kill = (signal: NodeJS.Signals): void => {
    // Without an id there is no process, and one that is gone cannot be signalled.
    if (child.pid === undefined) return
    try {
      process.kill(-child.pid, signal)
    } catch {
      child.kill(signal)
    }
  }
  // A program may close its input before it ends; what still comes is for nobody.
  child.stdin.on('error', () => child.stdin.destroy())
  void finish()

  async function finish(): Promise<void> {
    await Promise.all([
      carry(child.stdout, (bytes) => output.stdout(bytes)),
      carry(child.stderr, (bytes) => output.stderr(bytes)),
    ])
    output.ended(await ended)
  }

  return {
    input: (bytes) => child.stdin.destroyed || child.stdin.write(bytes),
    onDrain: (drained) => {
      child.stdin.on('drain', drained)
      child.stdin.on('close', drained)
    },
    inputEnded: () => void child.stdin.end(),
    // The next write of the program meets a closed pipe, as on any machine.
    outputUnwanted: () => void child.stdout.destroy(),
    resize: () => {},
    signal: (name) => {
      if (isSignal(name)) kill(`SIG${name}`)
    },
    hangUp: () => {
      kill('SIGHUP')
      for (const stream of child.stdio) stream?.destroy()
    },
  }
}

async function carry(stream: Readable, write: (bytes: Buffer) => Promise<void>): Promise<void> {
  try {
    for await (const chunk of stream) await write(Buffer.from(chunk))
  } catch {
    // It was hung up; nobody waits for the rest.
  }
}

/** Those of RFC 4254 section 6.10. */
const SIGNALS = [
  'ABRT',
  'ALRM',
  'FPE',
  'HUP',
  'ILL',
  'INT',
  'KILL',
  'PIPE',
  'QUIT',
  'SEGV',
  'TERM',
  'USR1',
  'USR2',
] as const

type SignalName = (typeof SIGNALS)[number]

export function isSignal(name: string): name is SignalName {
  return SIGNALS.some((signal) => signal === name)
}
