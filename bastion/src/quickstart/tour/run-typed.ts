import { spawn } from 'node:child_process'
import { NO_PROXY, plain, TIMEOUT, type Outcome } from './outcome.ts'
import { createTypist, type Keys } from './typist.ts'

/** Runs a command line on pipes, as a shell would that somebody types it into; never throws for how it ended. */
export function runTyped(text: string, signal: AbortSignal, keys?: Keys): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', text], {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, ...NO_PROXY },
    })
    const stop = (): void => {
      if (child.pid !== undefined) killGroup(child.pid)
    }
    const timer = setTimeout(stop, TIMEOUT)
    signal.addEventListener('abort', stop)
    const hear =
      keys === undefined ? () => {} : createTypist(keys, (key) => void child.stdin.write(key))
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    const shown: Buffer[] = []
    const collect =
      (into: Buffer[]) =>
      (bytes: Buffer): void => {
        into.push(bytes)
        shown.push(bytes)
        hear(bytes)
      }
    child.stdout.on('data', collect(stdout))
    child.stderr.on('data', collect(stderr))
    child.stdin.on('error', () => {})
    if (keys === undefined) child.stdin.end()
    child.on('error', reject)
    child.on('close', (status) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      resolve({
        status: status ?? -1,
        stdout: plain(stdout),
        stderr: plain(stderr),
        shown: plain(shown),
      })
    })
  })
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It ended by itself in the meantime.
  }
}
