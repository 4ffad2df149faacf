import { spawn } from 'node:child_process'

export interface Finished {
  /** The exit status; -1 when a signal ended it. */
  readonly status: number
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly input?: string | Uint8Array
  /** Milliseconds until it is killed; a test then sees the signal. */
  readonly timeout?: number
}

/** Runs a program to its end; never throws for how it ended. */
export function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: options.timeout ?? 120_000,
      killSignal: 'SIGKILL',
    })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes))
    child.stderr.on('data', (bytes: Buffer) => stderr.push(bytes))
    child.stdin.on('error', () => {})
    child.on('error', reject)
    child.on('close', (status, signal) => {
      resolve({
        status: status ?? -1,
        signal,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      })
    })
    child.stdin.end(options.input ?? '')
  })
}

/** Runs a bash script, as somebody would type it. */
export function bash(script: string, options: RunOptions = {}): Promise<Finished> {
  return run('bash', ['-c', script], options)
}
