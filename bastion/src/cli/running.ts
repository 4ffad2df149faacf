import { openVault, type Vault } from '@sallyport/keys/vault'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { kekSourceOf } from '../compose/kek.ts'
import type { Config } from '../config/config.ts'
import type { Answer } from '../control/call.ts'
import { callControl, isNobodyThere } from '../control/client.ts'
import { accepted } from './control.ts'

export interface Teller {
  readonly say: (text: string) => void
  /** Who the caller says to be, for the audit log. */
  readonly account: string | undefined
}

export interface WithVaultOptions {
  /** See `VaultOptions` of the vault. */
  readonly acceptGeneration?: number
}

/** Opens the vault of a configuration that no bastion is running with, and closes it again. */
export async function withVault(
  config: Config,
  use: (vault: Vault, config: Config) => Promise<void> | void,
  options: WithVaultOptions = {},
): Promise<void> {
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

export interface RunningCall {
  readonly config: Config
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
  /** Milliseconds until an answer must be there. */
  readonly timeout?: number
}

/** Asks the bastion that runs with a configuration; undefined when none does. Throws ERR_BASTION_CONTROL for a refusal. */
export async function askRunning(
  { config, ...call }: RunningCall,
  { account }: Pick<Teller, 'account'>,
): Promise<Answer | undefined> {
  try {
    return accepted(await callControl({ data: config.data, account, ...call }))
  } catch (error) {
    if (isNobodyThere(error)) return undefined
    throw error
  }
}
