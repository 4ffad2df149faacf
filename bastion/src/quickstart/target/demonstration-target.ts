import { formatPublicKeyLine, parsePublicKeyLine, type PublicKey } from '@sallyport/keys/publickey'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openSshServer } from '../ssh-server.ts'
import { makeSshKey } from '../files/ssh-key.ts'
import { startChild } from './child-program.ts'
import type { Program, ProgramOutput, ProgramRequest } from './program.ts'
import type { StartInTerminal } from './terminal-program.ts'
import { startWithoutTerminal } from './without-terminal.ts'

/** Name of the target, and of the key in the vault that opens it. */
export const TARGET = 'web-1'
/** The account that it has. */
export const LOGIN = 'deploy'

const SFTP_SERVER = '/usr/lib/openssh/sftp-server'
const BASH = '/bin/bash'

export interface TargetOptions {
  readonly folder: string
  readonly host: string
  readonly port: number
  readonly authorizedKey: PublicKey
  /** Undefined where there are no terminals. */
  readonly startInTerminal: StartInTerminal | undefined
}

export interface DemonstrationTarget {
  close(): Promise<void>
}

/** Makes the target's home and host key where there are none; returns the host key's public line. */
export async function prepareTarget(folder: string): Promise<string> {
  const home = homeOf(folder)
  if (!existsSync(home)) {
    await mkdir(join(home, 'releases'), { recursive: true, mode: 0o700 })
    await writeFile(join(home, 'app.log'), LOG)
  }
  const file = join(folder, 'host_key')
  await makeSshKey(file, TARGET)
  const line = parsePublicKeyLine((await readFile(`${file}.pub`, 'utf8')).trim())
  return formatPublicKeyLine(line.blob)
}

/** Starts the demonstration target. It runs programs as whoever runs the quickstart, in a home of its own. */
export async function openTarget(options: TargetOptions): Promise<DemonstrationTarget> {
  const { folder, host, port, authorizedKey, startInTerminal } = options
  const server = await openSshServer({
    host,
    port,
    hostKey: await readFile(join(folder, 'host_key'), 'utf8'),
    login: LOGIN,
    authorizedKey,
    start: (request, output) => start(request, output, homeOf(folder), startInTerminal),
  })
  return { close: () => server.close() }
}

function start(
  request: ProgramRequest,
  output: ProgramOutput,
  cwd: string,
  inTerminal: StartInTerminal | undefined,
): Program | undefined {
  const command = commandFor(request)
  if (command === undefined) return undefined
  const env = { ...baseEnvironment(cwd), ...request.env }
  const { terminal } = request
  const child = { ...command, cwd, env, output }
  if (terminal === undefined) return startChild(child)
  if (inTerminal === undefined) return startWithoutTerminal(child)
  return inTerminal({ ...child, terminal })
}

function commandFor({
  kind,
  text,
}: ProgramRequest): { readonly file: string; readonly args: readonly string[] } | undefined {
  if (kind === 'exec') return { file: '/bin/sh', args: ['-c', text] }
  if (kind === 'shell') {
    return existsSync(BASH)
      ? { file: BASH, args: ['--noprofile', '--norc'] }
      : { file: '/bin/sh', args: [] }
  }
  return text === 'sftp' && existsSync(SFTP_SERVER) ? { file: SFTP_SERVER, args: [] } : undefined
}

/** Nothing of our own environment: it may hold secrets. */
function baseEnvironment(home: string): Record<string, string> {
  return {
    HOME: home,
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    USER: LOGIN,
    LOGNAME: LOGIN,
    PS1: `${LOGIN}@${TARGET}:${existsSync(BASH) ? '\\w' : '~'}$ `,
  }
}

function homeOf(folder: string): string {
  return join(folder, 'home')
}

const LOG = `08:00:01 shop: release 41 started
08:14:22 shop: payment provider answered after 2.1 s
08:14:25 shop: order 1001 paid
08:31:07 shop: order 1002 paid
09:02:48 shop: disk 81% full
`
