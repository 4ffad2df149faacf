import { spawn, type ChildProcess } from 'node:child_process'
import type { Bed } from './bed.ts'

/** An ssh that runs a command which does not end by itself. */
export interface HeldSession {
  /** Resolves when `text` has come on its standard output. */
  printed(text: string): Promise<void>
  /** Resolves when it has ended. */
  readonly ended: Promise<{ readonly status: number | null; readonly stderr: string }>
  readonly stdout: () => string
  readonly stderr: () => string
  write(text: string): void
  stop(): void
}

/** Starts `ssh` with these arguments, gives it `input`, and waits until the command says `ready`. */
export async function holdSession(
  bed: Bed,
  args: readonly string[],
  ready = 'ready',
  input = '',
): Promise<HeldSession> {
  const child: ChildProcess = spawn('ssh', ['-F', bed.sshConfig, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin?.on('error', () => {})
  child.stdin?.write(input)
  let stdout = ''
  let stderr = ''
  const waiting = new Set<() => void>()
  child.stdout?.on('data', (bytes: Buffer) => {
    stdout += bytes.toString()
    for (const look of waiting) look()
  })
  child.stderr?.on('data', (bytes: Buffer) => {
    stderr += bytes.toString()
  })
  const ended = new Promise<{ status: number | null; stderr: string }>((resolve) => {
    child.once('close', (status) => resolve({ status, stderr }))
  })
  const printed = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!stdout.includes(text)) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
      void ended.then(() => reject(new Error(`ssh ended before it said ${text}: ${stderr}`)))
    })
  await printed(ready)
  return {
    printed,
    ended,
    stdout: () => stdout,
    stderr: () => stderr,
    write: (text) => void child.stdin?.write(text),
    stop: () => void child.kill(),
  }
}
