import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Catalog, openCatalog } from '@sallyport/recorder/catalog'
import { createRecordingStore } from '@sallyport/recorder/recording'
import type { CommandRow } from '@sallyport/recorder/rows'
import { openOutlines } from '@sallyport/recorder/replay'
import { openSearchIndex, type SearchIndex } from '@sallyport/recorder/search'
import { openCast, openEvents } from '@sallyport/recorder/store'
import type { ReplaySource, ReviewAppOptions } from '@sallyport/web-replay/app'
import { START } from './recordings.ts'
import { startReviewServer, type ReviewServer } from './review-server.ts'

/** A session to be recorded for real. */
export interface WantedSession {
  readonly id: string
  readonly minute: number
  readonly identity?: string
  readonly target?: string
  readonly claims?: Readonly<Record<string, unknown>>
  readonly activity?: string
  readonly command?: string
  readonly decision?: Partial<CommandRow>
  readonly output?: string
  readonly exitStatus?: number
  readonly running?: boolean
}

/** A review server over a real catalog, real recordings and a real search index. */
export interface FindServer extends ReviewServer {
  readonly real: { readonly catalog: Catalog; readonly index: SearchIndex }
  add(session: WantedSession): Promise<void>
}

export async function startFindServer(app: Partial<ReviewAppOptions> = {}): Promise<FindServer> {
  const root = await mkdtemp(join(tmpdir(), 'sallyport-find-'))
  const catalogFile = join(root, 'catalog.sqlite')
  const onError = (error: unknown): void => assert.fail(String(error))
  const catalog = openCatalog({ file: catalogFile, onError })
  const settle = (): boolean => catalog.flush()
  const file = join(root, 'search.sqlite')
  const index = openSearchIndex({ file, catalogFile, root, settle, onError })
  const outlines = openOutlines({ root, now: () => START, onError })
  const replay: ReplaySource = {
    openCast: (id, channel) => openCast(root, id, channel),
    openEvents: (id) => openEvents(root, id),
    outline: (id, channel) => outlines.get(id, channel),
  }
  const server = await startReviewServer({ app: { catalog, search: index, replay, ...app } })
  const time = { now: START, us: 0 }
  const store = createRecordingStore({
    root,
    now: () => new Date(time.now),
    clock: () => time.us,
  })
  return {
    ...server,
    real: { catalog, index },
    async add(wanted) {
      const { id, command = 'uptime', activity = 'exec', decision = {}, exitStatus = 0 } = wanted
      const startedAt = START + wanted.minute * 60_000
      time.now = startedAt
      time.us = 0
      catalog.recordingStarted({
        id,
        startedAt,
        identity: wanted.identity ?? 'github/acme/shop',
        issuer: 'https://token.actions.example',
        subject: 'repo:acme/shop:ref:refs/heads/main',
        login: 'deploy',
        target: wanted.target ?? 'web-1',
        clientAddress: '192.0.2.17',
        entry: '-J',
        claims: wanted.claims ?? { repository: 'acme/shop' },
      })
      const opened = { channel: 1, kind: 'exec', activity, castFile: '1.cast', command, pty: false }
      catalog.channelOpened(id, { ...opened, startedAt })
      const judgement = { effect: 'allow', rule: 'read-logs', judged: true, held: false } as const
      catalog.commandDecided(id, {
        channel: 1,
        at: startedAt,
        offset: 0,
        text: command,
        argv: [],
        ...judgement,
        ...decision,
      })
      if (wanted.running === true) return
      const fail = (error: Error): void => assert.fail(error)
      const connection = store.openConnection({ recordingId: id, onFailure: fail })
      const channel = connection.openChannel({
        channel: 1,
        kind: 'exec',
        pty: false,
        title: command,
        onWritten: () => {},
        onFailure: fail,
      })
      time.us = 3_000_000
      channel.output(1, Buffer.from(wanted.output ?? ''))
      await connection.close()
      const endedAt = startedAt + 3200
      catalog.channelClosed(id, { channel: 1, endedAt, exitStatus, bytes: 20, truncated: false })
      catalog.recordingEnded(id, { endedAt, status: 'ended' })
    },
    async close() {
      await server.close()
      await outlines.close()
      await index.close()
      catalog.close()
      await rm(root, { recursive: true })
    },
  }
}
