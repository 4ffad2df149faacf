import assert from 'node:assert/strict'
import nodeFiles from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeCast, reconstruct } from '@sallyport/recorder/asciicast'
import type { RecordingFiles } from '@sallyport/recorder/recording'
import { filesWith, withFolder, withSmallDisk } from '../support/folders.ts'
import { openChannel, openConnection, openStore } from '../support/recordings.ts'

type Write = RecordingFiles['write']

describe('write-ahead', () => {
  it('reports a batch once, in order, and only when its bytes are in the file', async () => {
    await withFolder(async (root) => {
      const { connection } = openConnection(openStore(root))
      const sent = new Map<number, number>()
      const seen: number[] = []
      let total = 0
      const channel = connection.openChannel({
        channel: 0,
        kind: 'exec',
        pty: false,
        title: '',
        onWritten: (seq) => {
          seen.push(seq)
          const bytes = nodeFiles.readFileSync(join(connection.folder, '0.cast'))
          assert.equal(bytes.at(-1), 0x0a)
          const { stdout } = reconstruct(decodeCast(bytes, { strict: true }))
          assert.equal(stdout.length, sent.get(seq) ?? stdout.length)
        },
        onFailure: assert.ifError,
      })
      for (let count = 0; count < 200; count += 1) {
        total += count
        sent.set(channel.output(1, Buffer.alloc(count, 'x')), total)
        if (count % 3 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      await channel.close()
      await connection.close()
      assert.deepEqual(
        seen,
        seen.map((_, index) => index + 1),
      )
      for (const seq of sent.keys()) assert.ok(seen.includes(seq))
    })
  })

  it('has one write under way at a time, and collects meanwhile', async () => {
    await withFolder(async (root) => {
      const held: (() => void)[] = []
      const write: Write = (...args) => held.push(() => nodeFiles.write(...args))
      const { connection } = openConnection(openStore(root, { fs: filesWith({ write }) }))
      const { channel, written, until } = openChannel(connection)
      await new Promise((resolve) => setTimeout(resolve, 30))
      const before = held.length
      const first = channel.output(1, Buffer.from('a'))
      const second = channel.output(1, Buffer.from('b'))
      await new Promise((resolve) => setTimeout(resolve, 10))
      assert.equal(held.length, before)
      assert.equal(first, second)
      assert.deepEqual(written, [])
      assert.ok(channel.pendingBytes > 0)
      const release = setInterval(() => held.splice(0).forEach((go) => go()), 1)
      await until(second)
      assert.deepEqual(written, [1, 2])
      assert.equal(channel.pendingBytes, 0)
      await connection.close()
      clearInterval(release)
    })
  })

  it('fails, and reports nothing more, after a short write', async () => {
    const write: Write = (fd, bytes, offset, length, position, done) =>
      nodeFiles.write(fd, bytes, offset, length > 900 ? length - 7 : length, position, done)
    await failing({ write }, async ({ failures, summary, reported }) => {
      assert.equal(failures.length, 1)
      assert.equal(failures[0]?.code, 'ERR_RECORDER_SHORT_WRITE')
      assert.match(
        failures[0]?.message ?? '',
        /^only \d+ of \d+ bytes of the recording were written$/,
      )
      assert.equal(summary.failure, failures[0])
      assert.equal(reported, false)
    })
  })

  it('fails when the disk is full', async () => {
    await withSmallDisk(48 * 1024, async (root, fs) => {
      const store = openStore(root, { fs, minimumFreeBytes: 1 })
      const { connection } = openConnection(store)
      const { channel, failures, written, until } = openChannel(connection, { pty: true })
      const reported: number[] = []
      let kept = 0
      while (failures.length === 0) {
        const seq = channel.output(1, Buffer.alloc(1000, 'x'))
        await until(seq)
        if (written.at(-1) === seq) kept += 1000
        reported.push(seq)
      }
      const summary = await channel.close()
      await connection.close()
      assert.equal(failures.length, 1)
      assert.match(failures[0]?.code ?? '', /^ERR_RECORDER_(SHORT_WRITE|NO_SPACE)$/)
      assert.equal(summary.failure, failures[0])
      assert.ok(!written.includes(reported.at(-1) ?? 0))
      const cast = decodeCast(await readFile(join(connection.folder, '0.cast')))
      assert.ok(reconstruct(cast).stdout.length >= kept)
      assert.ok(kept > 10_000)
    })
  })

  it('says that there is no space when the write says so', async () => {
    const write: Write = (fd, bytes, offset, length, position, done) => {
      if (length < 900) return nodeFiles.write(fd, bytes, offset, length, position, done)
      setImmediate(() => done(Object.assign(new Error('full'), { code: 'ENOSPC' }), 0))
    }
    await failing({ write }, async ({ failures }) => {
      assert.equal(failures[0]?.code, 'ERR_RECORDER_NO_SPACE')
      assert.equal(failures[0].message, 'the recording cannot be written')
      assert.equal((failures[0].cause as Error).message, 'full')
    })
  })

  it('fails when a write takes longer than the limit, and ignores its late end', async () => {
    let late: (() => void) | undefined
    let closed = 0
    const write: Write = (fd, bytes, offset, length, position, done) => {
      if (length < 900) return nodeFiles.write(fd, bytes, offset, length, position, done)
      late = () => nodeFiles.write(fd, bytes, offset, length, position, done)
    }
    const close: RecordingFiles['close'] = (fd, done) => {
      closed += 1
      nodeFiles.close(fd, done)
    }
    await failing({ write, close }, async ({ failures, written, connectionClosed }) => {
      assert.equal(failures[0]?.code, 'ERR_RECORDER_HOLD')
      assert.equal(failures[0].message, "the recording's disk did not answer within 50 ms")
      await connectionClosed
      const before = [...written]
      // The file of a write that is still under way must not be closed: its number may be reused.
      assert.equal(closed, 1)
      late?.()
      await new Promise((resolve) => setTimeout(resolve, 20))
      assert.deepEqual(written, before)
      assert.equal(closed, 2)
    })
  })

  it('does not take a busy event loop for a disk that hangs', async () => {
    await withFolder(async (root) => {
      const { connection } = openConnection(openStore(root, { holdLimitMs: 400 }))
      const { channel, failures, until } = openChannel(connection)
      await until(channel.output(1, Buffer.from('a')))
      for (let count = 0; count < 2; count += 1) {
        const seq = channel.output(1, Buffer.from('b'))
        await new Promise((resolve) => process.nextTick(resolve))
        const end = performance.now() + 900
        while (performance.now() < end);
        await until(seq)
      }
      await connection.close()
      assert.deepEqual(failures, [])
    })
  })

  it('does not take a loop that comes round slowly for a disk that hangs', async () => {
    await withFolder(async (root) => {
      const { connection } = openConnection(openStore(root, { holdLimitMs: 400 }))
      const { channel, failures, until } = openChannel(connection)
      const seq = channel.output(1, Buffer.from('a'))
      // To open a file takes several steps, and each round of the loop hears the end of one.
      for (let round = 0; round < 6; round += 1) {
        const end = performance.now() + 150
        while (performance.now() < end);
        await new Promise((resolve) => setImmediate(resolve))
      }
      await until(seq)
      await connection.close()
      assert.deepEqual(failures, [])
    })
  })

  it('fails when the end of the file cannot be synced', async () => {
    const fdatasync: RecordingFiles['fdatasync'] = (_fd, done) =>
      setImmediate(() => done(Object.assign(new Error('bad disk'), { code: 'EIO' })))
    await withFolder(async (root) => {
      const { connection } = openConnection(openStore(root, { fs: filesWith({ fdatasync }) }))
      const { channel, failures } = openChannel(connection)
      const { failure } = await channel.close()
      await connection.close()
      assert.equal(failure?.code, 'ERR_RECORDER_WRITE')
      assert.equal(failures.length, 1)
    })
  })

  it('keeps nothing more in memory after a failure', async () => {
    const write: Write = (_fd, _bytes, _offset, _length, _position, done) =>
      setImmediate(() => done(Object.assign(new Error('gone'), { code: 'EIO' }), 0))
    await withFolder(async (root) => {
      const { connection } = openConnection(openStore(root, { fs: filesWith({ write }) }))
      const { channel, until } = openChannel(connection)
      await until(1)
      for (let count = 0; count < 100; count += 1) channel.output(1, Buffer.alloc(100_000))
      assert.equal(channel.pendingBytes, 0)
      await connection.close()
    })
  })

  it('fails rather than hold more than 64 MiB for a disk that does not answer', async () => {
    await withFolder(async (root) => {
      const write: Write = () => undefined
      const { connection } = openConnection(
        openStore(root, { fs: filesWith({ write }), holdLimitMs: 50 }),
      )
      const { channel, failures } = openChannel(connection)
      for (let count = 0; count < 80; count += 1) channel.output(1, Buffer.alloc(1 << 20, 'x'))
      assert.deepEqual(
        failures.map(({ code, message }) => [code, message]),
        [['ERR_RECORDER_OVERFLOW', 'too much is waiting to be recorded']],
      )
      await connection.close()
    })
  })
})

type Outcome = {
  failures: ReturnType<typeof openChannel>['failures']
  written: number[]
  summary: Awaited<ReturnType<ReturnType<typeof openChannel>['channel']['close']>>
  reported: boolean
  connectionClosed: Promise<void>
}

/** Records a line that is written and one that fails. */
async function failing(
  replaced: Partial<RecordingFiles>,
  check: (outcome: Outcome) => Promise<void>,
): Promise<void> {
  await withFolder(async (root) => {
    const store = openStore(root, { fs: filesWith(replaced), holdLimitMs: 50 })
    const { connection } = openConnection(store)
    const { channel, failures, written, until } = openChannel(connection)
    await until(channel.output(1, Buffer.from('fine')))
    assert.deepEqual(failures, [])
    const seq = channel.output(1, Buffer.alloc(1000, 'x'))
    await until(seq)
    channel.output(1, Buffer.from('nothing more'))
    const summary = await channel.close()
    const connectionClosed = connection.close()
    const reported = written.some((number) => number >= seq)
    await check({ failures, written, summary, reported, connectionClosed })
    await connectionClosed
  })
}
