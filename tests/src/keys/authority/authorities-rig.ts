import assert from 'node:assert/strict'
import { openAuthorities } from '@sallyport/keys/authority'
import type { Authorities, Succession } from '@sallyport/keys/authority'
import type { Vault } from '@sallyport/keys/vault'
import { vaultIn } from './vault-in.ts'

export async function withVault<T>(folder: string, use: (vault: Vault) => Promise<T>): Promise<T> {
  const vault = await vaultIn(folder)
  try {
    return await use(vault)
  } finally {
    await vault.close()
  }
}

/** Opens the authorities of a folder for as long as `use` takes. */
export async function withAuthorities<T>(
  folder: string,
  now: () => number,
  use: (all: Authorities, vault: Vault) => Promise<T> | T,
): Promise<T> {
  return withVault(folder, async (vault) => {
    const all = await openAuthorities({ folder, keys: vault.authorityKeys, now })
    try {
      return await use(all, vault)
    } finally {
      await all.close()
    }
  })
}

/** Returns which keys of authorities a vault has. */
export function sealedIn({ authorityKeys }: Vault): string {
  return authorityKeys
    .list()
    .map(({ name, version }) => `${name} ${version}`)
    .toSorted((a, b) => a.localeCompare(b))
    .join(', ')
}

export function statesOf({ user }: Authorities): string {
  return user
    .keys()
    .map(({ version, state }) => `${version} ${state}`)
    .join(', ')
}

export async function mustChange(outcome: Promise<Succession>): Promise<void> {
  const settled = await outcome
  assert.equal(settled.kind, 'changed', JSON.stringify(settled))
}
