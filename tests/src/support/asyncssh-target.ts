import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { PYTHON_FOLDER } from './python.ts'
import { run } from './run.ts'

export interface AsyncsshTarget {
  readonly port: number
  readonly hostKeyLine: string
  stop(): Promise<void>
}

/**
 * Starts an asyncssh server that lets anybody in and prints the signals and breaks that reach it. An sshd does not act
 * on signals for root, which is who may run the tests.
 */
export async function startAsyncsshTarget(): Promise<AsyncsshTarget> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-target-'))
  const hostKey = join(folder, 'host_key')
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', hostKey])
  const script = join(PYTHON_FOLDER, 'target.py')
  const child = spawn('/usr/bin/python3', ['-W', 'ignore', script, hostKey], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })
  const [port] = (await once(lines, 'line')) as [string]
  return {
    port: Number(port),
    hostKeyLine: (await readFile(`${hostKey}.pub`, 'utf8')).trim(),
    stop: async () => {
      child.kill()
      await exited
      lines.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
