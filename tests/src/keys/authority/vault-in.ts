import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createKekFile, kekFromFile, openVault } from '@sallyport/keys/vault'
import type { Vault } from '@sallyport/keys/vault'

/** Opens the vault of a folder; its KEK is in the file `kek` there. Whoever opened it closes it. */
export async function vaultIn(folder: string): Promise<Vault> {
  const kek = join(folder, 'kek')
  if (!existsSync(kek)) await createKekFile(kek)
  return openVault({ file: join(folder, 'vault.json'), kek: kekFromFile(kek), now: Date.now })
}
