import { spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { freePort, listening } from './port.ts'
import { run } from './run.ts'

export interface Sshd {
  readonly port: number
  /** The account that it lets in: our own. */
  readonly login: string
  readonly hostKeyLine: string
  readonly authorizedKeys: string
  stop(): Promise<void>
}

export interface SshdOptions {
  readonly folder: string
  readonly authorizedKeys: readonly string[]
  /** Where it looks for keys, when not in a file of its own. */
  readonly authorizedKeysFiles?: readonly string[]
  /** More lines for sshd_config. */
  readonly extra?: readonly string[]
  /** Whether it loads itself anew for each connection, as it does where nobody says otherwise. */
  readonly asShipped?: boolean
}

/** Starts a real sshd on loopback with its files in `folder`. */
export async function startSshd(options: SshdOptions): Promise<Sshd> {
  const { folder } = options
  await mkdir(folder, { recursive: true })
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true })
  const port = await freePort()
  const hostKey = join(folder, 'host_key')
  const authorizedKeys = join(folder, 'authorized_keys')
  const config = join(folder, 'sshd_config')
  const home = join(folder, 'home')
  await mkdir(home, { recursive: true })
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', hostKey])
  await writeFile(authorizedKeys, options.authorizedKeys.map((line) => `${line}\n`).join(''))
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${hostKey}`,
    `PidFile ${join(folder, 'sshd.pid')}`,
    `AuthorizedKeysFile ${(options.authorizedKeysFiles ?? [authorizedKeys]).join(' ')}`,
    'StrictModes no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    'PermitRootLogin yes',
    'AcceptEnv *',
    'MaxStartups 1000',
    'MaxSessions 200',
    'Subsystem sftp /usr/lib/openssh/sftp-server',
    // bash reads the account's own .bashrc for every command, which is nobody's to wait for here.
    `SetEnv HOME=${home}`,
    ...(options.extra ?? []),
  ]
  await writeFile(config, lines.map((line) => `${line}\n`).join(''))
  // To load itself anew takes it a tenth of the time of a short session.
  const flags = options.asShipped === true ? ['-D'] : ['-D', '-r']
  const args = [...flags, '-E', join(folder, 'sshd.log'), '-f', config]
  const child = spawn('/usr/sbin/sshd', args, { stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await listening(port)
  return {
    port,
    login: userInfo().username,
    hostKeyLine: (await readFile(`${hostKey}.pub`, 'utf8')).trim(),
    authorizedKeys,
    stop: async () => {
      child.kill()
      await ended
    },
  }
}
