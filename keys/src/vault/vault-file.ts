import { Low } from 'lowdb'
import { DurableJSONFile, removeLeftovers } from '../durable/index.ts'
import { KeysError } from '../errors.ts'
import { parseVaultDocument } from './document.ts'
import type { VaultDocument, VaultRecord } from './document.ts'
import { assertUnaltered, createSealKey, macOf, openSealKey } from './integrity.ts'
import type { SealKey } from './integrity.ts'
import type { Kek, KekSource } from './kek.ts'

export interface Change<T> {
  readonly records: readonly VaultRecord[]
  readonly result: T
}

/** The records of a vault that has been found unaltered. The caller holds the writer lock. */
export interface VaultFile {
  readonly generation: number
  readonly records: readonly VaultRecord[]
  /** Runs changes one after another. What could not be written is not seen in `records` either. */
  change<T>(make: (records: readonly VaultRecord[]) => Promise<Change<T>>): Promise<T>
  settled(): Promise<void>
}

export interface VaultFileOptions {
  readonly file: string
  readonly kek: KekSource
  readonly minimumGeneration?: number
}

/** The caller holds the writer lock. Throws what `openVault` documents. */
export async function openVaultFile(
  options: VaultFileOptions,
): Promise<{ readonly file: VaultFile; readonly kek: Kek }> {
  await removeLeftovers(options.file)
  const adapter = new DurableJSONFile<VaultDocument>(options.file, { parse: parseVaultDocument })
  const stored = await adapter.read()
  const kek = await options.kek.open(stored?.kek.parameters)
  const { document, sealKey } = stored === null ? await blank(kek) : await check(kek, stored)
  assertRecent(document, options)
  const low = new Low<VaultDocument>(adapter, document)
  return { file: createVaultFile(low, sealKey), kek }
}

interface Checked {
  readonly document: VaultDocument
  readonly sealKey: SealKey
}

async function blank(kek: Kek): Promise<Checked> {
  const sealKey = await createSealKey(kek)
  const document = {
    format: 'sallyport-vault/1',
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

function assertRecent(document: VaultDocument, options: VaultFileOptions): void {
  const minimum = options.minimumGeneration ?? 0
  if (document.generation >= minimum) return
  throw new KeysError(
    'ERR_KEYS_VAULT_ROLLBACK',
    `${options.file} is at generation ${document.generation}, but ${minimum} has been seen: it is an old copy`,
  )
}

function createVaultFile(low: Low<VaultDocument>, sealKey: SealKey): VaultFile {
  let last: Promise<unknown> = Promise.resolve()

  async function apply<T>(
    make: (records: readonly VaultRecord[]) => Promise<Change<T>>,
  ): Promise<T> {
    const before = low.data
    const { records, result } = await make(before.records)
    const next = { ...before, generation: before.generation + 1, records }
    low.data = { ...next, mac: macOf(sealKey, next) }
    try {
      await low.write()
    } catch (error) {
      low.data = before
      throw error
    }
    return result
  }

  return {
    get generation() {
      return low.data.generation
    },
    get records() {
      return low.data.records
    },
    change(make) {
      const run = last.then(async () => apply(make))
      last = run.catch(() => {})
      return run
    },
    async settled() {
      await last
    },
  }
}
