import { openRotationStore, type RotationRun } from '@sallyport/keys/rotation'
import { createKekFile, kekFromFile, openVault, type Vault } from '@sallyport/keys/vault'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRotations, type Rotations, type RotationsParts } from '@sallyport/bastion/rotate'
import type { Target } from '@sallyport/bastion/route'
import { freePort } from '../../support/port.ts'
import { startSshd, type Sshd } from '../../support/sshd.ts'
import { accessWith } from './connect.ts'

/** What is wrong with a target: nobody answers commands there, or it lets the old key in from a file of its own. */
export type Fault = 'no-shell' | 'second-copy'

export interface ManyTargets {
  readonly vault: Vault
  /** Those of the last restart. */
  readonly rotations: Rotations
  readonly targets: readonly Target[]
  /** Takes a fault away. */
  mend(name: string): Promise<void>
  /** Returns the keys that the file of a target lets in, in base64. */
  keysAt(name: string): Promise<readonly string[]>
  /** Ends the rotations as a bastion does that is stopped, and opens them again from what they wrote. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** What the rotations are told beside their targets. */
export type ManyOptions = Partial<
  Pick<RotationsParts, 'schedules' | 'freezes' | 'now' | 'report'> &
    Pick<RotationsParts['access'], 'barred' | 'connect'>
>

/** One sshd listens on no more than 16 ports, its own among them. */
const PORTS = 15

/** Starts few sshds that are many targets, each on a port of its own with a file of keys of its own. */
export async function openManyTargets(
  count: number,
  faults: ReadonlyMap<string, Fault>,
  options: ManyOptions = {},
): Promise<ManyTargets> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-many-'))
  const kek = join(folder, 'kek')
  await createKekFile(kek)
  const vault = await openVault({
    file: join(folder, 'vault.json'),
    kek: kekFromFile(kek),
    now: Date.now,
  })
  const names = Array.from({ length: count }, (_, at) => `t${at}`)
  const ports = new Map<string, number>()
  const blocks = new Map<string, readonly string[]>()
  for (const name of names) {
    await vault.generate(name, { type: 'ed25519' })
    const port = await freePort()
    ports.set(name, port)
    const home = join(folder, name)
    await mkdir(home)
    const line = vault.versions(name)[0]?.publicKeyLine ?? ''
    await writeFile(join(home, 'keys'), `${line}\n`, { mode: 0o600 })
    const fault = faults.get(name)
    await writeFile(join(home, 'more'), fault === 'second-copy' ? `${line}\n` : '', { mode: 0o600 })
    if (fault === 'no-shell') await writeFile(join(home, 'broken'), '')
    blocks.set(name, [
      `Match LocalPort ${port}`,
      `AuthorizedKeysFile ${home}/keys ${home}/more`,
      `ForceCommand test ! -e ${home}/broken && exec sh -s`,
    ])
  }
  const sshds: Sshd[] = []
  for (let at = 0; at < names.length; at += PORTS) {
    const group = names.slice(at, at + PORTS)
    const sshd = await startSshd({
      folder: join(folder, `sshd-${at}`),
      authorizedKeys: [],
      extra: [
        ...group.map((name) => `Port ${ports.get(name)}`),
        ...group.flatMap((name) => blocks.get(name) ?? []),
      ],
    })
    sshds.push(sshd)
  }
  const sshdOf = (name: string): Sshd | undefined => sshds[Math.floor(names.indexOf(name) / PORTS)]
  const targets: readonly Target[] = names.map((name) => ({
    name,
    address: '127.0.0.1',
    port: ports.get(name) ?? 0,
    labels: { env: 'prod' },
    logins: [
      {
        login: sshdOf(name)?.login ?? '',
        key: name,
        rotation: { driver: 'shell', authorizedKeys: [join(folder, name, 'keys')] },
      },
    ],
  }))
  const { barred, connect, ...told } = options
  const access = {
    ...accessWith(vault, targets, (name) => sshdOf(name)?.hostKeyLine ?? ''),
    ...(connect === undefined ? {} : { connect }),
    barred,
  }
  const open = async (): Promise<Rotations> => {
    const store = await openRotationStore({ file: join(folder, 'rotations.json'), now: Date.now })
    return createRotations({ vault, store, access, now: Date.now, report: () => {}, ...told })
  }
  let rotations = await open()
  return {
    vault,
    get rotations() {
      return rotations
    },
    restart: async () => {
      await rotations.close()
      rotations = await open()
      await rotations.resumeAll()
    },
    targets,
    mend: async (name) => {
      await rm(join(folder, name, 'broken'), { force: true })
      await writeFile(join(folder, name, 'more'), '')
    },
    keysAt: async (name) =>
      (await readFile(join(folder, name, 'keys'), 'utf8'))
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[1] ?? ''),
    close: async () => {
      await rotations.close()
      for (const sshd of sshds) await sshd.stop()
      await vault.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Rotates them all, mends what stopped it, goes on, and returns what does not fit the truth at the targets. */
export async function rotateMany(
  many: ManyTargets,
  faults: ReadonlyMap<string, Fault>,
  stopAfter: number,
): Promise<{ readonly stops: number; readonly wrong: readonly string[] }> {
  const { rotations, vault } = many
  const wrong: string[] = []
  const begun = await rotations.start({ labels: { env: 'prod' } }, { by: 'a test', stopAfter })
  if (begun.kind === 'refused') throw new Error(begun.message)
  const { id } = begun.run
  const left = new Map(faults)
  let stops = 0
  for (;;) {
    const run = await poll(rotations, id)
    wrong.push(
      ...(await untruths(
        many,
        run.units.map(({ key, state }) => [key, state]),
      )),
    )
    if (run.state === 'done') break
    stops += 1
    const failed = run.units.filter(({ state }) => state === 'refused' || state === 'unfinished')
    for (const { key, problem = '' } of failed) {
      if (!left.has(key)) wrong.push(`${key} failed without a fault: ${problem}`)
      await many.mend(key)
      left.delete(key)
    }
    if (failed.length === 0 || stops > faults.size + 1) throw new Error(`it stopped: ${run.state}`)
    rotations.steer(id, 'resume', 'a test')
  }
  for (const { id: key, version } of vault.list())
    if (version !== 2) wrong.push(`${key} is at version ${version}`)
  return { stops, wrong }
}

async function poll(rotations: Rotations, id: string): Promise<RotationRun> {
  for (;;) {
    const run = rotations.run(id)
    if (run === undefined) throw new Error('the run is gone')
    const working = run.units.some(({ state }) => state === 'running')
    if (run.state !== 'running' && !working) return run
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

// Whatever has happened, the key in use is let in, and the state says what stands there.
async function untruths(
  many: ManyTargets,
  units: readonly (readonly [string, string])[],
): Promise<readonly string[]> {
  const wrong: string[] = []
  for (const [key, state] of units) {
    const there = await many.keysAt(key)
    const entry = many.vault.list().find(({ id }) => id === key)
    const active = entry?.publicKeyLine.split(' ')[1] ?? ''
    if (!there.includes(active)) wrong.push(`${key}: locked out (${state})`)
    if (there.length !== 1) wrong.push(`${key}: ${there.length} keys (${state})`)
    const wanted = state === 'rotated' || state === 'unfinished' ? 2 : 1
    if (entry?.version !== wanted) wrong.push(`${key}: ${state} at version ${entry?.version}`)
  }
  return wrong
}
