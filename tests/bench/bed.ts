import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openBed, type Bed } from '../src/support/bed.ts'
import { startSshd, type Sshd } from '../src/support/sshd.ts'

/** Rules of the kind that a team writes: each command of the benchmark is judged by argv. */
const POLICY = `
version: 1
rules:
  - id: read-zeros
    effect: allow
    run: { argv: [head], options: [{ -c: { int: [1, 2000000000] } }], rest: { each: { path: /dev/zero }, max: 1 } }
  - id: copy
    effect: allow
    run: { argv: [cat] }
  - id: discard
    effect: allow
    run: { argv: [wc], options: [-c] }
  - id: nothing
    effect: allow
    run: { argv: [{ oneOf: ['true', hostname] }] }
  - id: print
    effect: allow
    run: { argv: [echo], rest: any }
  - id: wait
    effect: allow
    run: { argv: [sleep, { int: [1, 600] }] }
`

export interface BenchBed {
  readonly bed: Bed
  /** Runs ssh in the same way on both paths; \`host\` is \`ours\` or \`reference\`. */
  config(cipher?: string): Promise<string>
  close(): Promise<void>
}

/** A bastion and an sshd as the jump, both in front of one sshd as the target. */
export async function openBenchBed(): Promise<BenchBed> {
  const bed = await openBed({ policy: POLICY, sshdAsShipped: true })
  const agentKey = (await readFile(join(bed.folder, 'id.pub'), 'utf8')).trim()
  let jump: Sshd
  try {
    jump = await startSshd({
      folder: join(bed.folder, 'jump'),
      authorizedKeys: [agentKey],
      asShipped: true,
    })
  } catch (error) {
    await bed.close()
    throw error
  }
  const known = join(bed.folder, 'known_hosts')
  const text = await readFile(known, 'utf8')
  await writeFile(known, `${text}jump ${jump.hostKeyLine}\nreference ${bed.sshd.hostKeyLine}\n`)
  const base = await readFile(bed.sshConfig, 'utf8')
  return {
    bed,
    config: async (cipher) => {
      const file = join(bed.folder, `bench_${cipher ?? 'default'}`)
      const hosts = `
Host ours
  ProxyJump bastion
  HostName web
Host jump
  HostName 127.0.0.1
  Port ${jump.port}
  HostKeyAlias jump
Host reference
  HostName 127.0.0.1
  Port ${bed.sshd.port}
  HostKeyAlias reference
  ProxyJump jump
`
      const ciphers = cipher === undefined ? '' : `Ciphers ${cipher}\n`
      await writeFile(file, `${ciphers}${hosts}${base}`)
      return file
    },
    close: async () => {
      await jump.stop()
      await bed.close()
    },
  }
}
