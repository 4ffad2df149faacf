import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openCatalog } from '@sallyport/recorder/catalog'
import { withFolder, withSmallDisk } from '../support/folders.ts'
import { started } from '../support/recordings.ts'

describe('a catalog whose changes fail', () => {
  it('reports and drops a change that is wrong, and commits those around it', async () => {
    await withFolder(async (root) => {
      const errors: unknown[] = []
      const file = join(root, 'catalog.sqlite')
      const catalog = openCatalog({ file, onError: (error) => errors.push(error) })
      catalog.recordingStarted(started('recording-1', 1))
      catalog.recordingStarted(started('recording-1', 2))
      catalog.channelClosed('recording-9', { channel: 0, endedAt: 1, bytes: 1, truncated: false })
      catalog.recordingStarted(started('recording-2', 3))
      assert.equal(catalog.flush(), true)
      assert.equal(errors.length, 1)
      assert.match((errors[0] as Error).message, /UNIQUE constraint failed: recordings.id/)
      assert.equal(catalog.listRecordings({ limit: 10 })?.rows.length, 2)
      catalog.close()
    })
  })

  it('waits for a locked file, and commits once it can', async () => {
    await withFolder(async (root) => {
      const errors: unknown[] = []
      const file = join(root, 'catalog.sqlite')
      const catalog = openCatalog({ file, onError: (error) => errors.push(error) })
      const other = new DatabaseSync(file)
      other.exec('BEGIN IMMEDIATE')
      catalog.recordingStarted(started('recording-1', 1))
      assert.equal(catalog.flush(), false)
      assert.match((errors[0] as Error).message, /database is locked/)
      assert.deepEqual(catalog.listRecordings({ limit: 1 })?.rows, [])
      other.exec('COMMIT')
      other.close()
      assert.equal(catalog.flush(), true)
      assert.equal(catalog.listRecordings({ limit: 1 })?.rows.length, 1)
      catalog.close()
    })
  })

  it('survives a full disk, and commits what waited when there is room', async () => {
    await withSmallDisk(2 * 1024 * 1024, async (root, _fs, real) => {
      const errors: unknown[] = []
      const file = join(root, 'catalog.sqlite')
      const catalog = openCatalog({ file, onError: (error) => errors.push(error) })
      // Where no small disk can be had, a lock stands for it: the change fails and is kept as well.
      const release = real ? fillDisk(root) : lock(file)
      for (let count = 0; count < 800; count += 1) {
        catalog.recordingStarted(started(`recording-${count}`, count))
      }
      assert.equal(catalog.flush(), false)
      assert.match((errors[0] as Error).message, /disk is full|disk I\/O error|database is locked/)
      assert.deepEqual(catalog.listRecordings({ limit: 1 })?.rows, [])
      release()
      assert.equal(catalog.flush(), true)
      assert.equal(catalog.listRecordings({ limit: 1 })?.rows[0]?.id, 'recording-799')
      catalog.close()
    })
  })
})

function fillDisk(root: string): () => void {
  const path = join(root, 'filler')
  assert.throws(() => writeFileSync(path, Buffer.alloc(4 * 1024 * 1024)), { code: 'ENOSPC' })
  return () => rmSync(path)
}

function lock(file: string): () => void {
  const other = new DatabaseSync(file)
  other.exec('BEGIN IMMEDIATE')
  return () => other.close()
}
