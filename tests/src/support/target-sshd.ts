import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bed } from './bed.ts'
import { run } from './run.ts'
import { startSshd, type Sshd } from './sshd.ts'

/** A host certificate for a key of a target. */
export interface CertifiedAs {
  /** The private key of the authority. */
  readonly authority: string
  readonly principals: string
  /** As `ssh-keygen -V` takes it. */
  readonly validity?: string
}

export interface TargetSshdOptions {
  readonly folder: string
  /** Types of host keys beside the ed25519 one. */
  readonly types?: readonly ('ecdsa' | 'rsa')[]
  /** By which the keys of those types are certified. */
  readonly certified?: CertifiedAs
  readonly extra?: readonly string[]
}

/** Starts a real sshd with several host keys. Nobody may log in there until `admit`. */
export async function startTargetSshd(options: TargetSshdOptions): Promise<Sshd> {
  const { folder, types = [], certified, extra = [] } = options
  await mkdir(folder, { recursive: true })
  const lines: string[] = []
  for (const type of types) {
    const key = join(folder, type)
    await must('ssh-keygen', [
      '-q',
      '-t',
      type,
      ...(type === 'rsa' ? ['-b', '2048'] : []),
      '-N',
      '',
      '-f',
      key,
    ])
    lines.push(`HostKey ${key}`)
    if (certified === undefined) continue
    const { authority, principals, validity = '+1h' } = certified
    const terms = ['-h', '-I', 'a target', '-n', principals, '-V', validity]
    await must('ssh-keygen', ['-q', '-s', authority, ...terms, `${key}.pub`])
    lines.push(`HostCertificate ${key}-cert.pub`)
  }
  return startSshd({ folder, authorizedKeys: [], extra: [...lines, ...extra] })
}

/** Lets the bastion of a bed log in at a target. */
export async function admit(bed: Bed, target: Sshd): Promise<void> {
  await appendFile(target.authorizedKeys, await readFile(bed.sshd.authorizedKeys))
}

/** More targets for the configuration of a bed, by name; they have no pins but those that are given. */
export function moreTargets(
  login: string,
  targets: Readonly<Record<string, { readonly sshd: Sshd; readonly pins?: readonly string[] }>>,
): string {
  const entries = Object.entries(targets).map(([name, { sshd, pins = [] }]) => {
    return `  - name: ${name}
    address: 127.0.0.1
    port: ${sshd.port}
    logins: [{ login: ${login}, key: web }]
    hostKeys: [${pins.map((line) => `'${line}'`).join(', ')}]
`
  })
  return entries.join('')
}

/** The fingerprint of the public key in a file. */
export async function fingerprintOfFile(file: string): Promise<string> {
  const { stdout } = await must('ssh-keygen', ['-lf', file])
  return stdout.split(' ')[1] ?? ''
}

async function must(
  program: string,
  args: readonly string[],
): Promise<{ readonly stdout: string }> {
  const finished = await run(program, args)
  if (finished.status !== 0) throw new Error(finished.stderr)
  return finished
}
