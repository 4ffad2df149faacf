import { openRotationStore, type RotationStore } from '@sallyport/keys/rotation'
import { createKekFile, kekFromFile, openVault, type Vault } from '@sallyport/keys/vault'
import { chmod, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { PlaceAccess } from '@sallyport/bastion/rotate'
import type { Target } from '@sallyport/bastion/route'
import { startSshd, type Sshd } from '../../support/sshd.ts'
import { accessWith } from './connect.ts'

/** A kind of account that keys are rotated in. */
export interface AccountKind {
  readonly name: string
  /** What its `sh` is; it has sftp alone without one. */
  readonly shell: 'dash' | 'bash' | 'busybox' | undefined
  /** The file with the keys, when ours is KEY. */
  readonly text: string
  /** The file with the keys that sshd looks into first, where ours stands in a second one. */
  readonly firstFile?: string
  readonly linked?: boolean
}

export interface Account {
  readonly kind: AccountKind
  readonly target: Target
  readonly sshd: Sshd
  /** The file that holds our key. */
  readonly file: string
}

export interface Accounts {
  readonly folder: string
  readonly vault: Vault
  readonly store: RotationStore
  readonly accounts: readonly Account[]
  readonly access: PlaceAccess
  close(): Promise<void>
}

/** Starts a real sshd for each kind of account, with a key of a vault let in at each, named like its kind. */
export async function openAccounts(kinds: readonly AccountKind[]): Promise<Accounts> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-rotate-'))
  const kek = join(folder, 'kek')
  await createKekFile(kek)
  const vault = await openVault({
    file: join(folder, 'vault.json'),
    kek: kekFromFile(kek),
    now: Date.now,
  })
  const store = await openRotationStore({ file: join(folder, 'rotations.json'), now: Date.now })
  const accounts = await Promise.all(kinds.map((kind) => openAccount(folder, vault, kind)))
  return {
    folder,
    vault,
    store,
    accounts,
    access: accessWith(
      vault,
      accounts.map(({ target }) => target),
      (name) => accounts.find(({ target }) => target.name === name)?.sshd.hostKeyLine ?? '',
    ),
    close: async () => {
      for (const { sshd } of accounts) await sshd.stop()
      await store.close()
      await vault.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function openAccount(folder: string, vault: Vault, kind: AccountKind): Promise<Account> {
  const key = await vault
    .generate(kind.name, { type: 'ed25519' })
    .then(() => lineOf(vault, kind.name))
  const root = join(folder, kind.name)
  const keys = join(root, 'keys')
  const file = join(keys, 'authorized_keys')
  await mkdir(keys, { recursive: true })
  const first = join(keys, 'first')
  const runner = join(root, 'run')
  await mkdir(programsOf({ file }))
  await writeFile(runner, runnerOf(kind, programsOf({ file })))
  await chmod(runner, 0o755)
  const sshd = await startSshd({
    folder: root,
    authorizedKeys: [],
    authorizedKeysFiles: kind.firstFile === undefined ? [file] : [first, file],
    extra: [`ForceCommand ${runner}`],
  })
  if (kind.firstFile !== undefined) await writeFile(first, kind.firstFile)
  await writeFile(file, kind.text.replaceAll('KEY', key), { encoding: 'latin1', mode: 0o600 })
  if (kind.linked === true) {
    await rename(file, join(root, 'real_keys'))
    await symlink(join(root, 'real_keys'), file)
  }
  const paths = kind.firstFile === undefined ? [file] : [first, file]
  const target: Target = {
    name: kind.name,
    address: '127.0.0.1',
    port: sshd.port,
    labels: { env: 'test' },
    logins: [
      {
        login: sshd.login,
        key: kind.name,
        rotation: { driver: 'auto', authorizedKeys: paths },
      },
    ],
  }
  return { kind, target, sshd, file }
}

/** Returns the public key line of the active version, without its comment. */
export function lineOf(vault: Vault, key: string): string {
  const line = vault.list().find(({ id }) => id === key)?.publicKeyLine ?? ''
  return line.split(' ').slice(0, 2).join(' ')
}

/** Returns what stands in the file of an account, its own key shown as KEY and all of its line after that left out. */
export async function textOf({ file }: Account, vault: Vault, key: string): Promise<string> {
  const text = await readFile(file, 'latin1')
  return text.replaceAll(
    new RegExp(`${lineOf(vault, key).replaceAll('+', '\\+')}[^\r\n]*`, 'g'),
    'KEY',
  )
}

// A target's `sh` is what its system made it.
function runnerOf({ shell }: AccountKind, programs: string): string {
  if (shell === undefined)
    return '#!/bin/sh\ncase $SSH_ORIGINAL_COMMAND in\n*sftp*) exec /usr/lib/openssh/sftp-server ;;\n*) echo "sftp only" >&2; exit 1 ;;\nesac\n'
  const sh = shell === 'busybox' ? 'busybox ash' : shell
  return `#!/bin/sh\necho welcome\nPATH=$PATH:${programs}\ncase $SSH_ORIGINAL_COMMAND in\n'sh -s') exec ${sh} -s ;;\n'') exit 0 ;;\n*) exec ${sh} -c "$SSH_ORIGINAL_COMMAND" ;;\nesac\n`
}

/** Where an account finds programs of its own; there are none. */
export function programsOf({ file }: Pick<Account, 'file'>): string {
  return join(dirname(dirname(file)), 'programs')
}

/** Where the file of an account lies. */
export function folderOf({ file }: Account): string {
  return dirname(file)
}
