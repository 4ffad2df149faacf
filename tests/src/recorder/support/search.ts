import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type Catalog, openCatalog } from '@sallyport/recorder/catalog'
import { createRecordingStore } from '@sallyport/recorder/recording'
import type { SearchPage, SearchQuery } from '@sallyport/recorder/rows'
import { openSearchIndex, type SearchIndex } from '@sallyport/recorder/search'
import { withFolder } from './folders.ts'
import { started } from './recordings.ts'

export interface Place {
  readonly root: string
  readonly catalog: Catalog
  readonly index: SearchIndex
  readonly record: (
    id: string,
    output: readonly (readonly [second: number, text: string])[],
    target?: string,
  ) => Promise<void>
}

export async function withIndex(
  use: (place: Place) => Promise<void>,
  limits: { readonly characters?: number } = {},
): Promise<void> {
  await withFolder(async (root) => {
    const place = await openPlace(root, limits)
    try {
      await use(place)
    } finally {
      await place.index.close()
      place.catalog.close()
    }
  })
}

export function openIndexIn(
  root: string,
  catalog: Catalog,
  limits: { readonly characters?: number } = {},
): SearchIndex {
  return openSearchIndex({
    file: join(root, 'search.sqlite'),
    catalogFile: join(root, 'catalog.sqlite'),
    root,
    settle: () => catalog.flush(),
    onError: assert.ifError,
    limits,
  })
}

export async function openPlace(
  root: string,
  limits: { readonly characters?: number } = {},
): Promise<Place> {
  const catalog = openCatalog({ file: join(root, 'catalog.sqlite'), onError: assert.ifError })
  const clock = { us: 0 }
  const store = createRecordingStore({
    root,
    now: () => new Date(1_790_000_000_000),
    clock: () => clock.us,
  })
  return {
    root,
    catalog,
    index: openIndexIn(root, catalog, limits),
    async record(id, output, target = 'web-1') {
      clock.us = 0
      const fail = (error: Error): never => {
        throw error
      }
      const connection = store.openConnection({ recordingId: id, onFailure: fail })
      catalog.recordingStarted({ ...started(id, 1_790_000_000_000), target })
      const channel = connection.openChannel({
        channel: 1,
        kind: 'shell',
        pty: true,
        title: 'shell',
        onWritten: () => {},
        onFailure: fail,
      })
      const opened = { channel: 1, kind: 'exec', activity: 'exec', castFile: '1.cast', pty: true }
      catalog.channelOpened(id, { ...opened, startedAt: 1_790_000_000_000 })
      for (const [second, text] of output) {
        clock.us = second * 1e6
        channel.output(1, Buffer.from(text))
      }
      await connection.close()
      catalog.recordingEnded(id, { endedAt: 1_790_000_001_000, status: 'ended' })
    },
  }
}

export async function found(
  index: SearchIndex,
  query: Pick<SearchQuery, 'within' | 'text'> & Partial<SearchQuery>,
): Promise<SearchPage> {
  const answer = await index.search({ limit: 20, ...query })
  assert.equal(answer.kind, 'page')
  return answer.page
}
