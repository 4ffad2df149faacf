import { join } from 'node:path'
import { createKekFile, kekFromFile, openVault } from '@sallyport/keys/vault'

export interface BedKeys {
  /** The data folder of a bastion that does not run yet. */
  readonly data: string
  /** The file to be made whose key seals the vault. */
  readonly kek: string
  readonly ids: readonly string[]
}

/** Makes a vault with these keys and returns their public lines, as `key init` and `key add` do in a second each. */
export async function addKeys({ data, kek, ids }: BedKeys): Promise<readonly string[]> {
  await createKekFile(kek)
  const file = join(data, 'vault.json')
  const vault = await openVault({ file, kek: kekFromFile(kek), now: Date.now })
  try {
    for (const id of ids) await vault.generate(id)
    const lines = new Map(vault.list().map(({ id, publicKeyLine }) => [id, publicKeyLine]))
    return ids.map((id) => lines.get(id) ?? '')
  } finally {
    await vault.close()
  }
}
