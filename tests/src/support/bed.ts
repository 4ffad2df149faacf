import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { bedConfig, OPEN_POLICY } from './bed-config.ts'
import { addKeys } from './bed-keys.ts'
import { createTestIssuer, type TestIssuer } from './issuer.ts'
import { freePort, listening } from './port.ts'
import { bash, run, type Finished, type RunOptions } from './run.ts'
import { startSshd, type Sshd } from './sshd.ts'

const ROOT = join(dirname(new URL(import.meta.url).pathname), '..', '..', '..')
export const SALLYPORT: string = join(ROOT, 'bastion', 'bin', 'sallyport')

/** The file in a bed's folder with the private key of its user authority: a bastion gives none out. */
export const USER_AUTHORITY = 'user-authority.pem'

export interface BedOptions {
  readonly policy?: string
  /** More targets, and then more top-level YAML, for the configuration. */
  readonly config?: string | ((sshd: Sshd) => string)
  /** More keys of the vault, which the target lets in too. */
  readonly keys?: readonly string[]
  readonly dataFolder?: string
  /** Any free one unless given. */
  readonly httpPort?: number
  readonly sshdExtra?: readonly string[]
  readonly sshdAsShipped?: boolean
  /** A second target, `other`, which the test has started. */
  readonly other?: { readonly port: number; readonly hostKeyLine: string }
}

/** A bastion in its own process, a real sshd behind it, and an agent's key with a certificate. */
export interface Bed {
  readonly folder: string
  readonly data: string
  readonly sshd: Sshd
  readonly issuer: TestIssuer
  readonly sshPort: number
  readonly httpUrl: string
  readonly configFile: string
  /** For `ssh -F`: hosts `web` (through -J), `direct`, and `plain` (past the bastion). */
  readonly sshConfig: string
  readonly pid: number
  /** Gets a new certificate for the key `name`; groups and principals go by the claims. `form` adds to the request. */
  certify(
    name?: string,
    claims?: Readonly<Record<string, unknown>>,
    form?: Readonly<Record<string, string>>,
  ): Promise<string>
  /** Runs a bash script with $C = the ssh_config and $D = a folder of its own. */
  sh(script: string, options?: RunOptions): Promise<Finished>
  ssh(args: readonly string[], options?: RunOptions): Promise<Finished>
  audit(): Promise<readonly Record<string, unknown>[]>
  casts(): Promise<readonly string[]>
  /** Kills the bastion without a word, as a crash would. */
  kill(): Promise<void>
  restart(): Promise<void>
  close(): Promise<void>
}

/** Opens a bed; what was started is stopped again when any part of it fails. */
export async function openBed(options: BedOptions = {}): Promise<Bed> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-'))
  const stops: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const stop of stops.splice(0).toReversed()) await stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    return await make(options, folder, stops, close)
  } catch (error) {
    await close()
    throw error
  }
}

async function make(
  options: BedOptions,
  folder: string,
  stops: (() => Promise<void>)[],
  close: () => Promise<void>,
): Promise<Bed> {
  const data = options.dataFolder ?? join(folder, 'data')
  const scratch = join(folder, 'scratch')
  await mkdir(data, { recursive: true })
  await mkdir(scratch)
  const issuer = await createTestIssuer()
  const sshPort = await freePort()
  const httpPort = options.httpPort ?? (await freePort())
  const httpUrl = `http://127.0.0.1:${httpPort}`
  const configFile = join(folder, 'sallyport.yaml')
  const kek = join(folder, 'kek')
  await writeFile(join(folder, 'policy.yaml'), options.policy ?? OPEN_POLICY)
  await writeFile(join(folder, 'jwks.json'), JSON.stringify(issuer.jwks))

  const sshd = await startSshd({
    folder: join(folder, 'sshd'),
    authorizedKeys: [],
    ...(options.sshdExtra === undefined ? {} : { extra: options.sshdExtra }),
    asShipped: options.sshdAsShipped ?? false,
  })
  stops.push(() => sshd.stop())
  const { login } = sshd
  const config = bedConfig({ data, sshPort, httpPort, httpUrl, kek, issuer, folder, sshd, options })
  await writeFile(configFile, config)
  const added = await addKeys({ data, kek, ids: ['web', ...(options.keys ?? [])] })

  const { privateKey } = generateKeyPairSync('ed25519')
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' })
  for (const file of [join(folder, USER_AUTHORITY), join(data, 'user-ca.key')]) {
    await writeFile(file, pem, { mode: 0o600 })
  }

  const key = join(folder, 'id')
  await must(run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]))
  const agentLine = (await readFile(`${key}.pub`, 'utf8')).trim()
  const [web = '', ...more] = added
  const lines = [web, agentLine, ...more]
  await writeFile(sshd.authorizedKeys, lines.map((line) => `${line}\n`).join(''))

  const logFile = join(folder, 'bastion.log')
  let child: ChildProcess
  let exited: Promise<void>
  const start = async (): Promise<void> => {
    child = spawn(
      'bash',
      ['-c', `exec "$0" serve --config "$1" >> "$2" 2>&1`, SALLYPORT, configFile, logFile],
      {
        stdio: 'ignore',
      },
    )
    exited = new Promise((resolve) => {
      child.once('exit', (status, signal) => {
        // Nobody asked for this end, and its log goes with the folder.
        const unasked = status !== 0 && signal !== 'SIGKILL' && signal !== 'SIGTERM'
        if (unasked) process.stderr.write(readFileSync(logFile, 'utf8').slice(-4000))
        resolve()
      })
    })
    await Promise.race([
      Promise.all([listening(sshPort), listening(httpPort)]),
      exited.then(async () => {
        throw new Error(`the bastion did not start:\n${await readFile(logFile, 'utf8')}`)
      }),
    ])
  }
  await start()
  stops.push(async () => {
    child.kill()
    await exited
  })

  const sshConfig = join(folder, 'ssh_config')
  const knownHosts = join(folder, 'known_hosts')
  const authority = await (await fetch(`${httpUrl}/ssh/known_hosts`)).text()
  await writeFile(knownHosts, `${authority}plain ${sshd.hostKeyLine}\n`)
  await writeFile(
    sshConfig,
    `
Host direct
  User ${login}%%web
  HostName 127.0.0.1
  Port ${sshPort}
  HostKeyAlias bastion
Host bastion
  HostName 127.0.0.1
  Port ${sshPort}
  HostKeyAlias bastion
Host plain
  HostName 127.0.0.1
  Port ${sshd.port}
  HostKeyAlias plain
Host web other liar gone unknown
  ProxyJump bastion
Host *
  User ${login}
  IdentityFile ${key}
  CertificateFile ${key}-cert.pub
  IdentitiesOnly yes
  IdentityAgent none
  StrictHostKeyChecking yes
  UserKnownHostsFile ${knownHosts}
  GlobalKnownHostsFile none
  LogLevel INFO
  BatchMode yes
`.replace('%%', '%'),
  )

  const bed: Bed = {
    folder,
    data,
    sshd,
    issuer,
    sshPort,
    httpUrl,
    configFile,
    sshConfig,
    get pid() {
      return child.pid ?? -1
    },
    async certify(name = 'id', claims = {}, form = {}) {
      const file = join(folder, name)
      const made = await run('test', ['-f', file])
      if (made.status !== 0)
        await must(run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]))
      const response = await fetch(`${httpUrl}/oauth2/token`, {
        method: 'POST',
        headers: { accept: 'text/plain' },
        body: new URLSearchParams({
          grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
          subject_token: await issuer.token({ sub: 'acme/shop', kind: 'agent', ...claims }),
          subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
          ssh_public_key: await readFile(`${file}.pub`, 'utf8'),
          ...form,
        }),
      })
      const line = await response.text()
      if (response.status !== 200) throw new Error(line)
      await writeFile(`${file}-cert.pub`, line)
      return file
    },
    sh: (script, runOptions = {}) =>
      bash(`set -o pipefail; ${script}`, {
        cwd: scratch,
        ...runOptions,
        env: { C: sshConfig, D: scratch, ...runOptions.env },
      }),
    ssh: (args, runOptions) =>
      run('ssh', ['-F', sshConfig, ...args], { cwd: scratch, ...runOptions }),
    async audit() {
      const text = await readFile(join(data, 'audit.ndjson'), 'utf8')
      return text.split('\n').filter(Boolean).map(parseLine)
    },
    async casts() {
      const names = await readdir(join(data, 'recordings'), { recursive: true })
      return names
        .filter((name) => name.endsWith('.cast'))
        .map((name) => join(data, 'recordings', name))
    },
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
    restart: start,
    close,
  }
  await bed.certify()
  return bed
}

async function must(finished: Promise<Finished>): Promise<Finished> {
  const result = await finished
  if (result.status !== 0) throw new Error(`${result.stdout}${result.stderr}`)
  return result
}

function parseLine(line: string): Record<string, unknown> {
  return JSON.parse(line) as Record<string, unknown>
}
