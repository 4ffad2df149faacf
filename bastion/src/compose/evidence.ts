import { openCatalog, type Catalog } from '@sallyport/recorder/catalog'
import { openAccesses, type Accesses } from '@sallyport/recorder/accesses'
import { createRecordingStore } from '@sallyport/recorder/recording'
import { openOutlines, type Outlines } from '@sallyport/recorder/replay'
import { openSearchIndex, type SearchIndex } from '@sallyport/recorder/search'
import { repairRecordings } from '@sallyport/recorder/store'
import { join } from 'node:path'
import type { Audit } from '../audit/audit.ts'
import type { Config } from '../config/config.ts'
import { createLiveFeed, createRecorder, type LiveFeed, type Recorder } from '../record/index.ts'
import { atEndOfTurn } from '../ssh/turn.ts'
import type { Closers } from './closers.ts'

export interface EvidenceOptions {
  readonly config: Config
  readonly audit: Audit
  readonly policyRevision: () => string
  readonly now: () => Date
  readonly closers: Closers
}

export interface Evidence {
  readonly catalog: Catalog
  /** Present when there is a review app to ask it. */
  readonly search: SearchIndex | undefined
  readonly recorder: Recorder
  readonly live: LiveFeed
  readonly outlines: Outlines
  readonly accesses: Accesses
}

/** Repairs what a crash left behind, then opens the catalog and the store of recordings. */
export async function openEvidence(options: EvidenceOptions): Promise<Evidence> {
  const { config, audit, policyRevision, now, closers } = options
  const root = config.data
  const repaired = await repairRecordings({ root, now })
  for (const { id, torn } of repaired.interrupted) {
    audit.write('record.interrupted', { recordingId: id, torn })
  }
  for (const { id, error } of repaired.failed) {
    audit.write('record.repair-failed', { recordingId: id, error })
  }
  const catalogFile = join(root, 'catalog.sqlite')
  const catalog = openCatalog({
    file: catalogFile,
    onError: (error: unknown) => audit.write('catalog.failed', { error }),
  })
  closers.add(() => catalog.close())
  catalog.markInterrupted(repaired.interrupted.map(({ id }) => id))
  const store = createRecordingStore({
    root,
    now,
    clock: () => performance.now() * 1000,
    atEndOfTurn,
    minimumFreeBytes: config.recording.minimumFreeBytes,
  })
  const accesses = openAccesses(join(root, 'accesses.sqlite'))
  closers.add(() => accesses.close())
  const onError = (error: unknown): void => audit.write('replay.failed', { error })
  const outlines = openOutlines({ root, now: () => now().getTime(), onError })
  closers.add(() => outlines.close())
  const live = createLiveFeed()
  const { textBytes: text, binaryBytes: binary } = config.recording
  const recorder = createRecorder({
    store,
    catalog,
    limits: { text, binary },
    policyRevision,
    now,
    live,
    onRecorded: (id, channel) => void outlines.prepare(id, channel).catch(onError),
  })
  closers.add(() => recorder.settled())
  const search =
    config.web === undefined
      ? undefined
      : openSearchIndex({
          file: join(root, 'search.sqlite'),
          catalogFile,
          root,
          settle: () => catalog.flush(),
          onError: (error: unknown) => audit.write('search.failed', { error }),
        })
  closers.add(() => search?.close())
  return { catalog, search, recorder, live, outlines, accesses }
}
