import { spawn } from 'node:child_process'
import type { RunHook } from '@sallyport/keys/rotation'

/** Milliseconds that a program may take. */
const TIMEOUT = 60_000
const MAX_SAID = 4096

/**
 * Returns how a program of the admin's own is run: no shell, one line of JSON on its standard input, its environment
 * nothing but a PATH. Standard error and the first lines of standard output are what it says.
 */
export function runHook([program = '', ...args]: readonly string[]): RunHook {
  return (request) =>
    new Promise((resolve) => {
      let said = ''
      const child = spawn(program, args, {
        stdio: ['pipe', 'pipe', 'pipe'],
        env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
        timeout: TIMEOUT,
        killSignal: 'SIGKILL',
      })
      const hear = (bytes: Buffer): void => {
        if (said.length < MAX_SAID) said += bytes.toString()
      }
      child.stdout.on('data', hear)
      child.stderr.on('data', hear)
      child.stdin.on('error', () => {})
      child.once('error', (error) => resolve({ status: undefined, said: error.message }))
      child.once('close', (status) => {
        resolve({ status: status ?? undefined, said: said.trim().slice(0, MAX_SAID) })
      })
      child.stdin.end(`${JSON.stringify(request)}\n`)
    })
}
