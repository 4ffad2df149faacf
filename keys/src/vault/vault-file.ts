import { DurableJSONFile, removeLeftovers } from '../durable/index.ts'
import { parseVaultDocument, vaultFormat } from './document.ts'
import type { VaultDocument, VaultRecord } from './document.ts'
import { altered, rewrapVersion } from './envelope.ts'
import { assertUnaltered, createSealKey, macOf, openSealKey } from './integrity.ts'
import type { SealKey } from './integrity.ts'
import type { Kek, KekSource } from './kek.ts'
import { assertRecent, openSeenGeneration } from './seen-generation.ts'
import type { SeenGeneration } from './seen-generation.ts'

export interface Change<T> {
  readonly records: readonly VaultRecord[]
  readonly result: T
}

/** The records of a vault that has been found unaltered. The caller holds the writer lock. */
export interface VaultFile {
  readonly generation: number
  readonly records: readonly VaultRecord[]
  /** What the records are sealed with. */
  readonly kek: Kek
  /** Runs changes one after another. What could not be written is not seen in `records` either. */
  change<T>(make: (records: readonly VaultRecord[], kek: Kek) => Promise<Change<T>>): Promise<T>
  /** Seals all records with another KEK, in one change. */
  rewrap(source: KekSource): Promise<void>
  /**
   * Returns the records as they are on the disk now. Throws `ERR_KEYS_VAULT_ALTERED` when these are not the
   * ones that were written last.
   */
  readBack(): Promise<readonly VaultRecord[]>
  settled(): Promise<void>
}

export interface VaultFileOptions {
  readonly file: string
  readonly kek: KekSource
  readonly minimumGeneration?: number
  readonly acceptGeneration?: number
}

/** The caller holds the writer lock. Throws what `openVault` documents. */
export async function openVaultFile(options: VaultFileOptions): Promise<VaultFile> {
  const { file, minimumGeneration: minimum, acceptGeneration: accepted } = options
  await removeLeftovers(file)
  const adapter = new DurableJSONFile<VaultDocument>(file, { parse: parseVaultDocument })
  const stored = await adapter.read()
  const seen = await openSeenGeneration(file)
  const newest = Math.max(seen.value ?? 0, minimum ?? 0)
  const found = stored?.generation ?? 0
  const keptBeside = stored?.format === vaultFormat
  assertRecent({ file, found, keptBeside, seen: seen.value, minimum, accepted })
  const kek = await options.kek.open(stored?.kek.parameters)
  const opened = stored === null ? await blank(kek) : await check(kek, stored)
  const floor = accepted === undefined ? 0 : newest
  const { document, sealKey } = opened
  const vaultFile = createVaultFile(adapter, seen, { document, kek, sealKey, floor })
  if (accepted !== undefined) {
    await vaultFile.change(async (records) => ({ records, result: undefined }))
  } else if (found > 0) await seen.keep(found)
  return vaultFile
}

interface Checked {
  readonly document: VaultDocument
  readonly sealKey: SealKey
}

async function blank(kek: Kek): Promise<Checked> {
  const sealKey = await createSealKey(kek)
  const document = {
    format: vaultFormat,
    generation: 0,
    kek: { id: kek.id, parameters: kek.parameters },
    sealKey: sealKey.wrapped,
    mac: '',
    records: [],
  } as const
  return { document, sealKey }
}

async function check(kek: Kek, document: VaultDocument): Promise<Checked> {
  const sealKey = await openSealKey(kek, document)
  await assertUnaltered(kek, sealKey, document)
  return { document, sealKey }
}

/** A document with what it is sealed with: both change at once, so that nobody sees the one without the other. */
interface Sealing extends Checked {
  readonly kek: Kek
  /** The next generation is above it: a number that another branch of this vault has had is not used again. */
  readonly floor: number
}

function createVaultFile(
  disk: DurableJSONFile<VaultDocument>,
  seen: SeenGeneration,
  initial: Sealing,
): VaultFile {
  let last: Promise<unknown> = Promise.resolve()
  let current = initial

  async function write(records: readonly VaultRecord[], by: Sealing): Promise<void> {
    const before = current.document
    const unsealed: VaultDocument = {
      ...before,
      format: vaultFormat,
      generation: Math.max(before.generation, by.floor) + 1,
      kek: { id: by.kek.id, parameters: by.kek.parameters },
      sealKey: by.sealKey.wrapped,
      records,
    }
    const document = { ...unsealed, mac: macOf(by.sealKey, unsealed) }
    if (seen.value === undefined) await seen.keep(before.generation)
    await disk.write(document)
    current = { ...by, document }
    await seen.keep(document.generation)
  }

  async function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = last.then(run)
    // What a turn results in is not kept: it may be a private key.
    last = turn.then(
      () => {},
      () => {},
    )
    return turn
  }

  return {
    get generation() {
      return current.document.generation
    },
    get records() {
      return current.document.records
    },
    get kek() {
      return current.kek
    },
    async change(make) {
      return inTurn(async () => {
        const { records, result } = await make(current.document.records, current.kek)
        await write(records, current)
        return result
      })
    },
    async rewrap(source) {
      return inTurn(async () => {
        const kek = await source.open(undefined)
        const sealKey = await createSealKey(kek)
        const records: VaultRecord[] = []
        for (const record of current.document.records) {
          const versions = []
          for (const version of record.versions) {
            versions.push(await rewrapVersion(current.kek, kek, record.id, version))
          }
          records.push({ ...record, versions })
        }
        await write(records, { ...current, kek, sealKey })
      })
    },
    async readBack() {
      return inTurn(async () => {
        const stored = await disk.read()
        const { mac, generation } = current.document
        const same = stored !== null && stored.generation === generation && stored.mac === mac
        if (!same || macOf(current.sealKey, stored) !== mac) {
          throw altered('the vault on the disk is not the one that was written')
        }
        return stored.records
      })
    },
    async settled() {
      await last
    },
  }
}
