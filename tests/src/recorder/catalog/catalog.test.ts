import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Catalog, openCatalog } from '@sallyport/recorder/catalog'
import { withFolder } from '../support/folders.ts'
import { started } from '../support/recordings.ts'

describe('openCatalog', () => {
  it('has a recording with its channels and commands', async () => {
    await withCatalog((catalog) => {
      const row = started('recording-1', 1000)
      catalog.recordingStarted(row)
      catalog.channelOpened('recording-1', {
        channel: 0,
        kind: 'exec',
        activity: 'exec',
        castFile: '0.cast',
        command: 'ls',
        pty: false,
        startedAt: 1100,
      })
      const allowed = {
        channel: 0,
        at: 1110,
        offset: 0.01,
        text: 'ls',
        effect: 'allow',
        rule: 'read',
        argv: [['ls']],
        judged: true,
        held: false,
      } as const
      const denied = {
        ...allowed,
        effect: 'deny',
        text: 'rm',
        message: 'no',
        judged: false,
      } as const
      catalog.commandDecided('recording-1', allowed)
      catalog.commandDecided('recording-1', denied)
      assert.deepEqual(catalog.getRecording('recording-1')?.recording, {
        ...row,
        status: 'running',
        bytes: 0,
        commands: 2,
        denied: 1,
        firstChannel: { kind: 'exec', activity: 'exec', command: 'ls' },
      })
      catalog.channelClosed('recording-1', {
        channel: 0,
        endedAt: 1200,
        exitStatus: 2,
        bytes: 345,
        truncated: true,
      })
      catalog.channelOpened('recording-1', {
        channel: 1,
        kind: 'shell',
        activity: 'shell',
        castFile: '1.cast',
        pty: true,
        startedAt: 1150,
      })
      catalog.channelClosed('recording-1', {
        channel: 1,
        endedAt: 1250,
        exitSignal: 'TERM',
        bytes: 5,
        truncated: false,
      })
      catalog.recordingEnded('recording-1', { endedAt: 1300, status: 'ended' })
      assert.deepEqual(catalog.getRecording('recording-1'), {
        recording: {
          ...row,
          endedAt: 1300,
          status: 'ended',
          bytes: 350,
          commands: 2,
          denied: 1,
          firstChannel: { kind: 'exec', activity: 'exec', command: 'ls', exitStatus: 2 },
        },
        channels: [
          {
            channel: 0,
            kind: 'exec',
            activity: 'exec',
            castFile: '0.cast',
            command: 'ls',
            pty: false,
            startedAt: 1100,
            endedAt: 1200,
            exitStatus: 2,
            bytes: 345,
            truncated: true,
          },
          {
            channel: 1,
            kind: 'shell',
            activity: 'shell',
            castFile: '1.cast',
            pty: true,
            startedAt: 1150,
            endedAt: 1250,
            exitSignal: 'TERM',
            bytes: 5,
            truncated: false,
          },
        ],
        commands: [allowed, denied],
      })
      assert.equal(catalog.getRecording('recording-2'), undefined)
    })
  })

  it('pages through recordings, newest first, also those of the same moment', async () => {
    await withCatalog((catalog) => {
      const ids: string[] = []
      for (let count = 0; count < 25; count += 1) {
        const id = `recording-${String(count).padStart(2, '0')}`
        ids.unshift(id)
        catalog.recordingStarted(started(id, 1000 + Math.floor(count / 10)))
      }
      const seen: string[] = []
      let before: string | undefined
      let pages = 0
      do {
        const page = catalog.listRecordings({
          limit: 7,
          ...(before === undefined ? {} : { before }),
        })
        assert.ok(page)
        seen.push(...page.rows.map(({ id }) => id))
        before = page.next
        pages += 1
        // What begins meanwhile does not move what is still to come.
        catalog.recordingStarted(started(`while-paging-${pages}`, 5000 + pages))
      } while (before !== undefined)
      assert.deepEqual(seen, ids)
      assert.equal(pages, 4)
    })
  })

  it('gives at most 200 rows, and no cursor after the last', async () => {
    await withCatalog((catalog) => {
      for (let count = 0; count < 201; count += 1) {
        catalog.recordingStarted(started(`recording-${count}`, count))
      }
      const page = catalog.listRecordings({ limit: 1000 })
      assert.equal(page?.rows.length, 200)
      const { next } = page
      assert.ok(next)
      assert.deepEqual(
        catalog.listRecordings({ limit: 200, before: next })?.rows.map(({ id }) => id),
        ['recording-0'],
      )
      assert.equal(catalog.listRecordings({ limit: 201 })?.rows.length, 200)
      assert.throws(() => catalog.listRecordings({ limit: 0 }), {
        name: 'TypeError',
        message: '"limit" must be 1 or more',
      })
    })
  })

  it('refuses what is no cursor', async () => {
    await withCatalog((catalog) => {
      const long = Buffer.from(`1:${'x'.repeat(65)}`).toString('base64url')
      for (const before of [
        '',
        'x',
        "' OR 1=1 --",
        Buffer.from('1:a').toString('base64url'),
        long,
      ]) {
        assert.equal(catalog.listRecordings({ limit: 1, before }), undefined)
      }
    })
  })

  it('marks what never ended, and nothing else', async () => {
    await withCatalog((catalog) => {
      catalog.recordingStarted(started('recording-1', 1))
      catalog.recordingStarted(started('recording-2', 2))
      catalog.recordingStarted(started('recording-3', 3))
      catalog.recordingEnded('recording-2', { endedAt: 5, status: 'failed' })
      assert.deepEqual(catalog.listRunning(), ['recording-1', 'recording-3'])
      catalog.markInterrupted(['recording-1', 'recording-2', 'unknown-id'])
      const page = catalog.listRecordings({ limit: 10 })
      assert.deepEqual(
        page?.rows.map(({ status }) => status),
        ['running', 'failed', 'interrupted'],
      )
    })
  })

  it('commits on its own, after the event that caused it', async () => {
    await withFolder(async (root) => {
      const file = join(root, 'catalog.sqlite')
      const catalog = openCatalog({ file, onError: assert.ifError })
      const other = new DatabaseSync(file, { readOnly: true })
      const count = (): unknown =>
        other.prepare('SELECT count(*) AS n FROM recordings').get()?.['n']
      catalog.recordingStarted(started('recording-1', 1))
      assert.equal(count(), 0)
      await new Promise((resolve) => setTimeout(resolve, 20))
      assert.equal(count(), 1)
      other.close()
      catalog.close()
    })
  })

  it('keeps everything when it is closed and opened again, for its owner alone', async () => {
    await withFolder(async (root) => {
      const file = join(root, 'catalog.sqlite')
      const first = openCatalog({ file, onError: assert.ifError })
      first.recordingStarted(started('recording-1', 1))
      assert.equal((await stat(file)).mode & 0o777, 0o600)
      assert.equal((await stat(`${file}-wal`)).mode & 0o777, 0o600)
      first.close()
      const second = openCatalog({ file, onError: assert.ifError })
      assert.equal(second.listRecordings({ limit: 1 })?.rows[0]?.id, 'recording-1')
      second.close()
    })
  })

  it('refuses the file of a later version', async () => {
    await withFolder(async (root) => {
      const file = join(root, 'catalog.sqlite')
      const database = new DatabaseSync(file)
      database.exec('PRAGMA user_version = 99')
      database.close()
      assert.throws(() => openCatalog({ file, onError: assert.ifError }), {
        code: 'ERR_RECORDER_CATALOG_SCHEMA',
        message: 'the catalog has schema 99, this program knows 2',
      })
    })
  })
})

async function withCatalog(use: (catalog: Catalog) => void): Promise<void> {
  await withFolder(async (root) => {
    const catalog = openCatalog({ file: join(root, 'catalog.sqlite'), onError: assert.ifError })
    use(catalog)
    catalog.close()
  })
}
