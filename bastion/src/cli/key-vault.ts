import { kekSourceOf } from '../compose/kek.ts'
import { loadConfig, loadVaultEntry } from '../config/load.ts'
import { columns, fieldsOf } from './control.ts'
import { insistAudit } from './insist-audit.ts'
import { askRunning, withVault, type Teller } from './running.ts'

/** Milliseconds: a key engine is asked twice for each key, one after the other. */
const REWRAP_TIMEOUT = 15 * 60 * 1000

/** Seals the vault with the KEK of the `vault` entry in another file. */
export async function rewrapVault(
  configFile: string,
  entryFile: string,
  teller: Teller,
): Promise<void> {
  const { say, account } = teller
  const entry = await loadVaultEntry(entryFile)
  const config = await loadConfig(configFile)
  const tell = (from: string, to: string): void => {
    say(`the vault was sealed with ${from} and is now sealed with ${to}`)
    say(`put the vault entry of ${entryFile} into ${configFile} before the next start`)
    say('vault.json.previous and all copies of the vault still open with the old KEK')
  }
  const call = { method: 'POST', path: '/api/vault/rewrap', body: { vault: entry } } as const
  const answer = await askRunning({ config, ...call, timeout: REWRAP_TIMEOUT }, teller)
  if (answer !== undefined) {
    const { from, to, problem } = fieldsOf(answer.body)
    tell(columns(from), columns(to))
    if (problem !== undefined) say(`but then: ${columns(problem)}`)
    return
  }
  await withVault(config, async (vault) => {
    const from = vault.kekId
    await vault.rewrap(kekSourceOf(entry))
    const { kekId: to, generation } = vault
    await insistAudit(config, 'vault.rewrapped', { from, to, generation, account })
    tell(from, to)
  })
}

/** Takes a vault file that is known to be old, and makes it newer than all that was seen. */
export async function acceptGeneration(
  configFile: string,
  generation: number,
  teller: Teller,
): Promise<void> {
  const { say, account } = teller
  const config = await loadConfig(configFile)
  // A running bastion refuses, and says why.
  const call = { method: 'POST', path: '/api/vault/accept-generation' } as const
  await askRunning({ config, ...call, body: { generation } }, teller)
  await withVault(
    config,
    async (vault) => {
      const detail = { accepted: generation, generation: vault.generation, account }
      await insistAudit(config, 'vault.generation-accepted', detail)
      say(`generation ${generation} was accepted and is now generation ${vault.generation}`)
    },
    { acceptGeneration: generation },
  )
}
