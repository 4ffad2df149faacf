import type {
  KekSource,
  KeyKind,
  Parcel,
  SealedAuthorityKey,
  Vault,
  VaultEntry,
} from '@sallyport/keys/vault'
import type { AuditLog } from '../audit/audit.ts'
import type { VaultEntry as VaultConfig } from '../config/vault.ts'
import { createExportRequests, type ExportRequests } from './export-requests.ts'
import { createImportDesk, type ImportDesk } from './import-desk.ts'
import { refusalFrom, refused, type Refusal } from './refusal.ts'

/** What is in the vault of a running bastion; nothing of it is secret. */
export interface VaultState {
  readonly generation: number
  /** What it is sealed with. */
  readonly kek: string
  /** The active version of each key. */
  readonly keys: readonly VaultEntry[]
  readonly authorities: readonly SealedAuthorityKey[]
}

export type Made = { readonly kind: 'made'; readonly key: VaultEntry } | Refusal

export type Rewrapped =
  | {
      readonly kind: 'rewrapped'
      readonly from: string
      readonly to: string
      readonly generation: number
      /** What went wrong once the vault was on the disk. */
      readonly problem?: string
    }
  | Refusal

export interface ImportAsked {
  readonly id: string
  /** The offer that it was sealed for. */
  readonly to: string
  readonly parcel: Parcel
}

/** What can be done to the vault while the bastion runs. `by` is who asks, for the audit log. */
export interface VaultSteering {
  state(): VaultState
  generate(id: string, kind: KeyKind, by: string): Promise<Made>
  /** Offers to receive one private key; see `import`. */
  offerImport(): ReturnType<ImportDesk['offer']>
  /** Takes a private key in that was sealed for an offer. */
  import(asked: ImportAsked, by: string): Promise<Made>
  /** Seals the vault with the KEK of another `vault` entry; whoever signs meanwhile goes on. */
  rewrap(entry: VaultConfig, by: string): Promise<Rewrapped>
  readonly exports: ExportRequests
  close(): void
}

export interface VaultSteeringOptions {
  readonly vault: Vault
  readonly audit: Pick<AuditLog, 'insist' | 'write'>
  readonly kekSource: (entry: VaultConfig) => KekSource
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly random?: (size: number) => Buffer
}

export function createVaultSteering(options: VaultSteeringOptions): VaultSteering {
  const { vault, audit, kekSource } = options
  const exports = createExportRequests(options)
  const imports = createImportDesk(options.now)

  /** The event comes after the change, so that it says what was made: a new key alone opens nothing. */
  const made = (event: string, id: string, by: string): Made => {
    const key = vault.versions(id).find(({ active }) => active)
    if (key === undefined) throw new TypeError(`the key ${id} was made and is not there`)
    audit.insist(event, { key: id, version: key.version, fingerprint: key.fingerprint, by })
    return { kind: 'made', key }
  }

  return {
    state: () => ({
      generation: vault.generation,
      kek: vault.kekId,
      keys: vault.list(),
      authorities: vault.authorityKeys.list(),
    }),
    async generate(id, kind, by) {
      try {
        await vault.generate(id, kind)
      } catch (error) {
        return refusalFrom(error)
      }
      return made('vault.key-made', id, by)
    },
    offerImport: () => imports.offer(),
    async import({ id, to, parcel }, by) {
      const text = imports.open(to, id, parcel)
      if (text === undefined) return refused('the private key was not sealed for this import')
      try {
        await vault.import(id, text)
      } catch (error) {
        return refusalFrom(error)
      }
      return made('vault.key-imported', id, by)
    },
    async rewrap(entry, by) {
      const { kekId: from, generation: before } = vault
      let problem: string | undefined
      try {
        await vault.rewrap(kekSource(entry))
      } catch (error) {
        const { message } = refusalFrom(error)
        if (vault.kekId === from && vault.generation === before) {
          audit.insist('vault.rewrap-failed', { from, by, problem: message })
          return { kind: 'refused', message }
        }
        problem = message
      }
      const { kekId: to, generation } = vault
      audit.insist('vault.rewrapped', { from, to, generation, by, problem })
      return {
        kind: 'rewrapped',
        from,
        to,
        generation,
        ...(problem === undefined ? {} : { problem }),
      }
    },
    exports,
    close() {
      exports.close()
      imports.close()
    },
  }
}
