import { open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { openAudit, type AuditDetail } from '../audit/audit.ts'
import { kekSourceOf } from '../compose/kek.ts'
import type { Config } from '../config/config.ts'
import { loadVaultEntry } from '../config/load.ts'
import { BastionError } from '../errors.ts'
import { withVault } from './key.ts'

export interface Teller {
  readonly say: (text: string) => void
  /** Who the caller says to be, for the audit log. */
  readonly account: string | undefined
}

/** Seals the vault with the KEK of the `vault` entry in another file. */
export async function rewrapVault(
  configFile: string,
  entryFile: string,
  { say, account }: Teller,
): Promise<void> {
  const entry = await loadVaultEntry(entryFile)
  await withVault(configFile, async (vault, config) => {
    const from = vault.kekId
    await vault.rewrap(kekSourceOf(entry))
    const { kekId: to, generation } = vault
    writeAudit(config, 'vault.rewrapped', { from, to, generation, account })
    say(`the vault was sealed with ${from} and is now sealed with ${to}`)
    say(`put the vault entry of ${entryFile} into ${configFile} before the next start`)
    say('vault.json.previous and all copies of the vault still open with the old KEK')
  })
}

/** Takes a vault file that is known to be old, and makes it newer than all that was seen. */
export async function acceptGeneration(
  configFile: string,
  generation: number,
  { say, account }: Teller,
): Promise<void> {
  await withVault(
    configFile,
    (vault, config) => {
      const detail = { accepted: generation, generation: vault.generation, account }
      writeAudit(config, 'vault.generation-accepted', detail)
      say(`generation ${generation} was accepted and is now generation ${vault.generation}`)
    },
    { acceptGeneration: generation },
  )
}

export interface ExportOptions {
  readonly config: string
  readonly to: readonly string[]
  readonly approvedBy: readonly string[]
  readonly out: string
  readonly version?: number
}

/** Writes a private key into a new file, sealed for the recipients, when two persons approve. */
export async function exportVaultKey(
  id: string,
  options: ExportOptions,
  { say, account }: Teller,
): Promise<void> {
  const { out, to: recipients, approvedBy, version } = options
  await withVault(options.config, async (vault, config) => {
    // Before anything else: a key is not marked for a file that cannot be made.
    const file = await open(out, 'wx', 0o600)
    let whole = false
    try {
      const request = { recipients, approvedBy, ...(version === undefined ? {} : { version }) }
      const exported = await vault.export(id, request)
      const { entry } = exported
      writeAudit(config, 'vault.exported', {
        key: id,
        version: entry.version,
        fingerprint: entry.fingerprint,
        approvedBy: exported.approvedBy,
        recipients: exported.recipients,
        account,
      })
      await file.writeFile(exported.file)
      await file.sync()
      whole = true
      say(`${out} holds ${id} v${entry.version} for ${exported.recipients.join(' and ')}`)
      say(`rotation due: ${id} v${entry.version} was given out on ${entry.dueSince ?? 'this day'}`)
    } finally {
      await file.close()
      if (!whole) await unlink(out)
    }
  })
}

/** What is not in the audit log did not happen: the event is written, or this throws. */
function writeAudit(config: Config, event: string, detail: AuditDetail): void {
  let failed = false
  const log = {
    write: (line: string) => {
      failed ||= line.includes('"auditFailed":')
    },
  }
  let cause: unknown
  try {
    const audit = openAudit({
      file: join(config.data, 'audit.ndjson'),
      now: () => new Date(),
      log,
    })
    audit.write(event, detail)
    audit.close()
  } catch (error) {
    cause = error
    failed = true
  }
  if (failed) throw new BastionError('ERR_BASTION_CONTROL', `${event} could not be audited`, cause)
}
