import { createKekFile, openVault, type KeyKind, type Vault } from '@sallyport/keys/vault'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kekSourceOf } from '../compose/kek.ts'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'

/** Makes the file whose key seals the vault; refuses to write over one. */
export async function generateKek(file: string): Promise<void> {
  await createKekFile(file)
}

/** Prints the public half of each key, as it goes into an authorized_keys file. */
export async function listKeys(
  configFile: string,
  json: boolean,
  say: (text: string) => void,
): Promise<void> {
  await withVault(configFile, (vault) => {
    const entries = vault.list()
    if (json) return say(JSON.stringify(entries))
    for (const { id, version, publicKeyLine } of entries) say(`${id} v${version} ${publicKeyLine}`)
    for (const { id, version, dueSince } of entries) {
      if (dueSince !== undefined) {
        say(`rotation due: ${id} v${version} was given out on ${dueSince}`)
      }
    }
  })
}

/** Makes or imports a key and prints its public half. */
export async function addKey(
  configFile: string,
  id: string,
  from: string | KeyKind,
  say: (text: string) => void,
): Promise<void> {
  await withVault(configFile, async (vault) => {
    if (typeof from === 'string') await vault.import(id, await readFile(from))
    else await vault.generate(id, from)
    const added = vault.list().find((entry) => entry.id === id)
    if (added !== undefined) say(added.publicKeyLine)
  })
}

export interface WithVaultOptions {
  /** See `VaultOptions` of the vault. */
  readonly acceptGeneration?: number
}

/** Opens the vault of a configuration that no bastion is running with, and closes it again. */
export async function withVault(
  configFile: string,
  use: (vault: Vault, config: Config) => Promise<void> | void,
  options: WithVaultOptions = {},
): Promise<void> {
  const config = await loadConfig(configFile)
  await mkdir(config.data, { recursive: true, mode: 0o700 })
  const vault = await openVault({
    file: join(config.data, 'vault.json'),
    kek: kekSourceOf(config.vault),
    now: Date.now,
    ...options,
  })
  try {
    await use(vault, config)
  } finally {
    await vault.close()
  }
}
