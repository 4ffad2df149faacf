import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TargetFile } from '@sallyport/bastion/onboard'
import { listening } from './port.ts'
import { startSshd, type Sshd } from './sshd.ts'

/** A real sshd that takes no key, and certificates only once it was told of an authority. */
export interface CertifiedTarget extends Sshd {
  /** The folder that stands for /etc/ssh. */
  readonly folder: string
  /** Writes the files as an admin would. */
  write(files: readonly TargetFile[]): Promise<void>
  /** The same, and has sshd read its configuration again, during which it lets nobody in. */
  install(files: readonly TargetFile[]): Promise<void>
  /** What it has logged until now. */
  log(): Promise<string>
  /** Waits for a line of its log; those before the character `after` do not count. */
  logged(pattern: RegExp, after?: number): Promise<string>
}

export async function startCertifiedTarget(root: string): Promise<CertifiedTarget> {
  const folder = join(root, 'etc-ssh')
  await mkdir(join(folder, 'sshd_config.d'), { recursive: true })
  const sshd = await startSshd({
    folder: join(root, 'certified'),
    authorizedKeys: [],
    extra: ['LogLevel VERBOSE', `Include ${folder}/sshd_config.d/*.conf`],
  })
  const file = (name: string): Promise<string> => readFile(join(root, 'certified', name), 'utf8')
  const log = (): Promise<string> => file('sshd.log')
  const logged = async (pattern: RegExp, after = 0): Promise<string> => {
    for (let attempt = 0; attempt < 600; attempt += 1) {
      const lines = (await log()).slice(after).split('\n')
      const line = lines.find((one) => pattern.test(one))
      if (line !== undefined) return line
      await sleep(50)
    }
    throw new Error(`sshd has logged no ${String(pattern)}:\n${await log()}`)
  }
  const write = async (files: readonly TargetFile[]): Promise<void> => {
    for (const { path, content } of files) {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(`${path}.new`, content)
      await rename(`${path}.new`, path)
    }
  }
  return {
    ...sshd,
    folder,
    log,
    logged,
    write,
    async install(files) {
      await write(files)
      const before = (await log()).split('Received SIGHUP; restarting').length
      process.kill(Number(await file('sshd.pid')), 'SIGHUP')
      while ((await log()).split('Received SIGHUP; restarting').length === before) await sleep(20)
      // The one that is about to restart may answer still; the new one says so in the log.
      while (!/Server listening/.test((await log()).split('restarting').at(-1) ?? ''))
        await sleep(20)
      await listening(sshd.port)
    },
  }
}
