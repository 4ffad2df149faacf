import assert from 'node:assert/strict'
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  checkFreeSpace,
  findRecording,
  openCast,
  openEvents,
  type RecordingFile,
} from '@sallyport/recorder/store'
import { withFolder } from '../support/folders.ts'
import { openChannel, openConnection, openStore, START } from '../support/recordings.ts'

describe('findRecording', () => {
  it('finds a recording with and without its start', async () => {
    await withRecording(async (root, folder) => {
      assert.equal(await findRecording(root, 'recording-1'), folder)
      assert.equal(await findRecording(root, 'recording-1', { startedAt: START }), folder)
      const wrong = { startedAt: new Date(0) }
      assert.equal(await findRecording(root, 'recording-1', wrong), folder)
    })
  })

  it('finds nothing by a malformed or unknown id', async () => {
    await withRecording(async (root) => {
      for (const id of [
        '',
        '.',
        '..',
        '../recording-1',
        'recording-1/',
        'recording-1\0',
        'nothing-here',
      ]) {
        assert.equal(await findRecording(root, id), undefined)
        assert.equal(await findRecording(root, id, { startedAt: START }), undefined)
      }
      assert.equal(await findRecording(join(root, 'missing'), 'recording-1'), undefined)
    })
  })

  it('does not follow links', async () => {
    await withRecording(async (root, folder) => {
      await symlink(folder, join(folder, '../linked-recording'))
      assert.equal(await findRecording(root, 'linked-recording'), undefined)
      assert.equal(await findRecording(root, 'linked-recording', { startedAt: START }), undefined)
      await rename(join(root, 'recordings/2026'), join(root, 'elsewhere'))
      await symlink(join(root, 'elsewhere'), join(root, 'recordings/2026'))
      assert.equal(await findRecording(root, 'recording-1'), undefined)
      assert.equal(await findRecording(root, 'recording-1', { startedAt: START }), undefined)
    })
  })
})

describe('openCast', () => {
  it('gives the bytes of a cast and its size', async () => {
    await withRecording(async (root) => {
      const file = await openCast(root, 'recording-1', 4)
      assert.equal(file?.name, '4.cast')
      const bytes = await read(file)
      assert.equal(bytes.length, file.size)
      assert.match(bytes.toString(), /^{"version":3.*\n\[0,"o","some output"\]\n/)
    })
  })

  it('can be closed unread, and be given up while reading', async () => {
    await withRecording(async (root) => {
      const unread = await openCast(root, 'recording-1', 4)
      await unread?.close()
      const file = await openCast(root, 'recording-1', 4)
      assert.ok(file)
      for await (const chunk of file.chunks()) {
        assert.ok(chunk.length > 0)
        break
      }
      await file.close()
    })
  })

  it('gives nothing for a channel that is not there', async () => {
    await withRecording(async (root) => {
      for (const channel of [0, -1, 1.5, Number.NaN, 2 ** 32]) {
        assert.equal(await openCast(root, 'recording-1', channel), undefined)
      }
      assert.equal(await openCast(root, '../../../../etc', 4), undefined)
    })
  })

  it('opens neither links nor folders in place of a cast', async () => {
    await withRecording(async (root, folder) => {
      await writeFile(join(root, 'secret'), 'secret')
      await symlink(join(root, 'secret'), join(folder, '5.cast'))
      await mkdir(join(folder, '6.cast'))
      assert.equal(await openCast(root, 'recording-1', 5), undefined)
      assert.equal(await openCast(root, 'recording-1', 6), undefined)
    })
  })
})

describe('openEvents', () => {
  it("gives the bytes of a connection's log", async () => {
    await withRecording(async (root) => {
      const file = await openEvents(root, 'recording-1')
      assert.match((await read(file)).toString(), /"event":"recording.ended","detail":{}}\n$/)
    })
  })
})

describe('checkFreeSpace', () => {
  it('asks the disk that will hold a folder', async () => {
    await withFolder(async (root) => {
      const enough = await checkFreeSpace(join(root, 'not/there/yet'), 1)
      assert.equal(enough.kind, 'enough')
      assert.ok(enough.freeBytes > 0)
      const low = await checkFreeSpace(root, Number.MAX_SAFE_INTEGER)
      assert.equal(low.kind, 'low')
    })
  })
})

async function withRecording(use: (root: string, folder: string) => Promise<void>): Promise<void> {
  await withFolder(async (root) => {
    const { connection } = openConnection(openStore(root))
    openChannel(connection, { channel: 4 }).channel.output(1, Buffer.from('some output'))
    await connection.close()
    await use(root, connection.folder)
  })
}

async function read(file: RecordingFile | undefined): Promise<Buffer> {
  assert.ok(file)
  const chunks = []
  for await (const chunk of file.chunks()) chunks.push(chunk)
  return Buffer.concat(chunks)
}
