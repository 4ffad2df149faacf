import { openAuthorities, type Authorities } from '@sallyport/keys/authority'
import { openVault, type Signer, type Vault } from '@sallyport/keys/vault'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import type { Audit } from '../audit/audit.ts'
import type { Closers } from './closers.ts'
import { kekSourceOf } from './kek.ts'

/** The vault's name for the bastion's own host key. */
const HOST_KEY = 'bastion-host-key'

/** Everything that signs. */
export interface Keys {
  readonly vault: Vault
  readonly hostKey: Signer
  readonly authorities: Authorities
}

export interface KeysOptions {
  readonly audit: Pick<Audit, 'write'>
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly closers: Closers
}

/** Opens the vault and the authorities; what is missing of them is made. */
export async function openKeys(
  config: Config,
  { audit, now, closers }: KeysOptions,
): Promise<Keys> {
  const root = config.data
  await mkdir(root, { recursive: true, mode: 0o700 })
  const kek = kekSourceOf(config.vault, { now })
  const vault = await openVault({ file: join(root, 'vault.json'), kek, now })
  closers.add(() => vault.close())
  // Whoever collects these elsewhere sees an old copy of the whole data folder: the number falls.
  audit.write('vault.opened', { generation: vault.generation, kek: vault.kekId })
  const known = vault.list().some((entry) => entry.id === HOST_KEY)
  if (!known) await vault.generate(HOST_KEY, { type: 'ed25519' })
  const hostKey = await vault.signer(HOST_KEY)
  closers.add(() => hostKey.close())
  const authorities = await openAuthorities({
    folder: root,
    keys: vault.authorityKeys,
    now,
    onPlainKey: ({ kind, ...detail }) => audit.write(`authority.plain-key-${kind}`, detail),
  })
  closers.add(() => authorities.close())
  return { vault, hostKey, authorities }
}
