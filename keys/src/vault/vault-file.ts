import { Low } from 'lowdb'
import { DurableJSONFile, removeLeftovers } from '../durable/index.ts'
import { parseVaultDocument, vaultFormat } from './document.ts'
import type { VaultDocument, VaultRecord } from './document.ts'
import { rewrapVersion } from './envelope.ts'
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
  const vaultFile = createVaultFile(new Low(adapter, opened.document), seen, {
    kek,
    sealKey: opened.sealKey,
    floor: accepted === undefined ? 0 : newest,
  })
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

interface Sealing {
  readonly kek: Kek
  readonly sealKey: SealKey
  /** The next generation is above it: a number that another branch of this vault has had is not used again. */
  readonly floor: number
}

function createVaultFile(
  low: Low<VaultDocument>,
  seen: SeenGeneration,
  initial: Sealing,
): VaultFile {
  let last: Promise<unknown> = Promise.resolve()
  let sealing = initial

  async function write(records: readonly VaultRecord[], by: Sealing): Promise<void> {
    const before = low.data
    const next: VaultDocument = {
      ...before,
      format: vaultFormat,
      generation: Math.max(before.generation, by.floor) + 1,
      kek: { id: by.kek.id, parameters: by.kek.parameters },
      sealKey: by.sealKey.wrapped,
      records,
    }
    if (seen.value === undefined) await seen.keep(before.generation)
    low.data = { ...next, mac: macOf(by.sealKey, next) }
    try {
      await low.write()
    } catch (error) {
      low.data = before
      throw error
    }
    sealing = by
    await seen.keep(next.generation)
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
      return low.data.generation
    },
    get records() {
      return low.data.records
    },
    get kek() {
      return sealing.kek
    },
    async change(make) {
      return inTurn(async () => {
        const { records, result } = await make(low.data.records, sealing.kek)
        await write(records, sealing)
        return result
      })
    },
    async rewrap(source) {
      return inTurn(async () => {
        const kek = await source.open(undefined)
        const sealKey = await createSealKey(kek)
        const records: VaultRecord[] = []
        for (const record of low.data.records) {
          const versions = []
          for (const version of record.versions) {
            versions.push(await rewrapVersion(sealing.kek, kek, record.id, version))
          }
          records.push({ ...record, versions })
        }
        await write(records, { ...sealing, kek, sealKey })
      })
    },
    async settled() {
      await last
    },
  }
}
