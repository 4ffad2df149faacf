import { createKekFile, kekFromFile, openVault, type Vault } from '@sallyport/keys/vault'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
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
  await withVault(configFile, async (vault) => {
    const entries = vault.list()
    if (json) return say(JSON.stringify(entries))
    for (const { id, version, publicKeyLine } of entries) say(`${id} v${version} ${publicKeyLine}`)
  })
}

/** Makes or imports a key and prints its public half. */
export async function addKey(
  configFile: string,
  id: string,
  from: string | undefined,
  say: (text: string) => void,
): Promise<void> {
  await withVault(configFile, async (vault) => {
    if (from === undefined) await vault.generate(id, { type: 'ed25519' })
    else await vault.import(id, await readFile(from))
    const added = vault.list().find((entry) => entry.id === id)
    if (added !== undefined) say(added.publicKeyLine)
  })
}

async function withVault(
  configFile: string,
  use: (vault: Vault) => Promise<void> | void,
): Promise<void> {
  const config = await loadConfig(configFile)
  await mkdir(config.data, { recursive: true, mode: 0o700 })
  const vault = await openVault({
    file: join(config.data, 'vault.json'),
    kek: kekFromFile(config.vault.keyFile),
    now: Date.now,
  })
  try {
    await use(vault)
  } finally {
    await vault.close()
  }
}
