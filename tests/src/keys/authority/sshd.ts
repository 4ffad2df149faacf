import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { keygenPair, publicLine } from '../publickey/keygen.ts'

/** A real sshd on loopback that trusts one user authority. */
export interface Sshd {
  /** The login name; with no AuthorizedPrincipalsFile it is also the principal that is asked for. */
  readonly user: string
  /** Runs stock ssh against it, with the key in `keyFile` and the certificate in KEYFILE-cert.pub. */
  login(keyFile: string, command: string): Promise<Login>
  close(): Promise<void>
}

export interface Login {
  readonly exitStatus: number
  readonly stdout: string
  readonly stderr: string
}

/** Starts sshd with its files in `folder`. Whoever starts it closes it. */
export async function startSshd(folder: string, authorityLine: string): Promise<Sshd> {
  const user = userInfo().username
  // sshd of Debian insists on its privilege separation folder when it runs as root.
  if (process.geteuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const port = await freePort()
  const hostKey = keygenPair(folder, 'host', 'ed25519')
  const authority = join(folder, 'authority.pub')
  const config = join(folder, 'sshd_config')
  const knownHosts = join(folder, 'known_hosts')
  writeFileSync(authority, `${authorityLine}\n`)
  writeFileSync(knownHosts, `[127.0.0.1]:${port} ${publicLine(hostKey)}`)
  const settings = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${hostKey}`,
    `TrustedUserCAKeys ${authority}`,
    'AuthorizedKeysFile none',
    'AuthenticationMethods publickey',
    'PermitRootLogin prohibit-password',
    'StrictModes no',
    'UsePAM no',
    'PidFile none',
    'MaxStartups 100',
  ]
  writeFileSync(config, `${settings.join('\n')}\n`)
  const sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = once(sshd, 'exit')
  let log = ''
  await new Promise<void>((resolve, reject) => {
    sshd.on('error', reject)
    sshd.on('exit', () => reject(new Error(`sshd did not start: ${log}`)))
    sshd.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text
      if (log.includes('Server listening')) resolve()
    })
  })

  return {
    user,
    login: (keyFile, command) => login({ keyFile, knownHosts, port, user, command }),
    async close() {
      sshd.kill()
      await ended
    },
  }
}

interface LoginOptions {
  readonly keyFile: string
  readonly knownHosts: string
  readonly port: number
  readonly user: string
  readonly command: string
}

function login({ keyFile, knownHosts, port, user, command }: LoginOptions): Promise<Login> {
  const options = [
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'StrictHostKeyChecking=yes',
    'GlobalKnownHostsFile=none',
    `UserKnownHostsFile=${knownHosts}`,
    `CertificateFile=${keyFile}-cert.pub`,
    'ConnectTimeout=10',
  ].flatMap((option) => ['-o', option])
  const where = ['-p', String(port), '-i', keyFile, `${user}@127.0.0.1`]
  return new Promise((resolve, reject) => {
    execFile('ssh', ['-F', 'none', ...options, ...where, command], (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') {
        reject(error)
        return
      }
      resolve({ exitStatus: Number(error?.code ?? 0), stdout, stderr })
    })
  })
}

/** sshd cannot be told to take any free port, so one is found for it. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
