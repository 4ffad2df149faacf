import assert from 'node:assert/strict'
import nodeFiles from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RecordingFiles } from '@sallyport/recorder/recording'
import { filesWith, withFolder } from '../support/folders.ts'
import {
  openChannel,
  openConnection,
  openStore,
  type WatchedChannel,
} from '../support/recordings.ts'

type WriteSync = NonNullable<RecordingFiles['writeSync']>

describe('small writes', () => {
  it('need no thread, and large ones take one', async () => {
    const threads: number[] = []
    const write: RecordingFiles['write'] = (fd, bytes, offset, length, position, done) => {
      threads.push(length)
      nodeFiles.write(fd, bytes, offset, length, position, done)
    }
    await recording(
      { write, writeSync: nodeFiles.writeSync },
      async ({ channel, until, written }) => {
        for (const size of [1, 4000, 5000, 1]) {
          const seq = channel.output(1, Buffer.alloc(size, 'x'))
          await until(seq)
          assert.equal(written.at(-1), seq)
        }
        assert.equal(threads.length, 1)
        assert.ok((threads[0] ?? 0) > 5000)
      },
    )
  })

  it('fail as large ones do: short', async () => {
    const writeSync: WriteSync = (fd, bytes, offset, length) =>
      nodeFiles.writeSync(fd, bytes, offset, length > 900 ? length - 7 : length)
    await recording({ writeSync }, async ({ channel, until, failures, written }) => {
      await until(channel.output(1, Buffer.from('fine')))
      const seq = channel.output(1, Buffer.alloc(1000, 'x'))
      await until(seq)
      assert.deepEqual(
        failures.map(({ code }) => code),
        ['ERR_RECORDER_SHORT_WRITE'],
      )
      assert.ok(!written.includes(seq))
    })
  })

  it('fail as large ones do: no space', async () => {
    const writeSync: WriteSync = (fd, bytes, offset, length) => {
      if (length > 900) throw Object.assign(new Error('full'), { code: 'ENOSPC' })
      return nodeFiles.writeSync(fd, bytes, offset, length)
    }
    await recording({ writeSync }, async ({ channel, until, failures, written }) => {
      await until(channel.output(1, Buffer.from('fine')))
      const seq = channel.output(1, Buffer.alloc(1000, 'x'))
      await until(seq)
      channel.output(1, Buffer.from('nothing more'))
      assert.deepEqual(
        failures.map(({ code }) => code),
        ['ERR_RECORDER_NO_SPACE'],
      )
      assert.ok(!written.includes(seq))
      assert.equal(channel.pendingBytes, 0)
    })
  })

  it('are left to the threads, by all recordings, once the disk was slow', async () => {
    let blocked = 0
    const writeSync: WriteSync = (fd, bytes, offset, length) => {
      const end = performance.now() + 10
      while (performance.now() < end);
      blocked += 1
      return nodeFiles.writeSync(fd, bytes, offset, length)
    }
    await withFolder(async (root) => {
      const store = openStore(root, { fs: filesWith({ writeSync }) })
      const first = openConnection(store, 'recording-1')
      await sleep(50)
      assert.equal(blocked, 1)
      const second = openConnection(store, 'recording-2')
      const { channel, until, written } = openChannel(second.connection)
      const seq = channel.output(1, Buffer.from('goes by a thread'))
      await until(seq)
      assert.equal(written.at(-1), seq)
      await Promise.all([first.connection.close(), second.connection.close()])
      assert.equal(blocked, 1)
      assert.deepEqual([...first.failures, ...second.failures], [])
    })
  })
})

async function recording(
  replaced: Partial<RecordingFiles>,
  check: (channel: WatchedChannel) => Promise<void>,
): Promise<void> {
  await withFolder(async (root) => {
    const { connection } = openConnection(openStore(root, { fs: filesWith(replaced) }))
    await check(openChannel(connection))
    await connection.close()
  })
}
