import assert from 'node:assert/strict'
import nodeFiles from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeCast } from '@sallyport/recorder/asciicast'
import { filesWith, withFolder } from '../support/folders.ts'
import { openChannel, openConnection, openStore } from '../support/recordings.ts'

describe('the recording of a connection', () => {
  it('has a log of its events, with their times and a proper end', async () => {
    await withFolder(async (root) => {
      const manual = { us: 0 }
      const { connection } = openConnection(openStore(root, { manual }))
      manual.us = 1_500_000
      connection.event('authenticate.accepted', { identity: 'ci', 'a"b': ['\n'] })
      const { channel } = openChannel(connection, { channel: 3, kind: 'shell', pty: true })
      channel.exitStatus(1)
      await channel.close()
      await connection.close()
      const events = await logOf(connection.folder)
      assert.deepEqual(
        events.map(({ at, offset, event }) => [at, offset, event]),
        [
          ['2026-03-05T12:00:00.000Z', 0, 'recording.started'],
          ['2026-03-05T12:00:01.500Z', 1.5, 'authenticate.accepted'],
          ['2026-03-05T12:00:01.500Z', 1.5, 'recording.channelOpened'],
          ['2026-03-05T12:00:01.500Z', 1.5, 'recording.channelClosed'],
          ['2026-03-05T12:00:01.500Z', 1.5, 'recording.ended'],
        ],
      )
      assert.deepEqual(events[1]?.detail, { identity: 'ci', 'a"b': ['\n'] })
      assert.deepEqual(events[2]?.detail, { channel: 3, kind: 'shell', pty: true })
      assert.equal(events[3]?.detail['exitStatus'], 1)
    })
  })

  it('reports events as written', async () => {
    await withFolder(async (root) => {
      const written: number[] = []
      const connection = openStore(root).openConnection({
        recordingId: 'recording-1',
        onWritten: (seq) => written.push(seq),
        onFailure: assert.ifError,
      })
      const seq = connection.event('a', {})
      await connection.close()
      assert.ok(written.includes(seq))
      assert.equal(connection.pendingBytes, 0)
    })
  })

  it('closes the channels that are left', async () => {
    await withFolder(async (root) => {
      const { connection } = openConnection(openStore(root))
      openChannel(connection).channel.output(1, Buffer.from('x'))
      await connection.close()
      const cast = decodeCast(await readFile(join(connection.folder, '0.cast')), { strict: true })
      assert.match(cast.events.at(-1)?.text ?? '', /^{"kind":"end"/)
    })
  })

  it('refuses malformed and repeated names', async () => {
    await withFolder(async (root) => {
      const store = openStore(root)
      for (const recordingId of ['', 'short', '../../../etc', 'a/b-c-d-e', 'x'.repeat(65)]) {
        assert.throws(() => openConnection(store, recordingId), {
          name: 'TypeError',
          message: '"recordingId" is malformed',
        })
      }
      const { connection } = openConnection(store)
      openChannel(connection)
      assert.throws(() => openChannel(connection), {
        name: 'TypeError',
        message: 'channel 0 was recorded already',
      })
      assert.throws(() => openChannel(connection, { channel: -1 }), {
        name: 'TypeError',
        message: '"channel" must be an unsigned 32-bit number',
      })
      assert.throws(() => connection.event('recording.ended', {}), {
        name: 'TypeError',
        message: '"recording.ended" is written by the recorder alone',
      })
      await connection.close()
      assert.throws(() => connection.event('late', {}), {
        name: 'TypeError',
        message: 'the recording of this connection is closed',
      })
    })
  })

  it('never touches the recording of another connection with the same id', async () => {
    await withFolder(async (root) => {
      const store = openStore(root)
      const first = openConnection(store)
      await first.connection.close()
      const log = join(first.connection.folder, 'events.ndjson')
      const before = await readFile(log, 'utf8')
      const second = openConnection(store)
      const { failures } = openChannel(second.connection)
      await second.connection.close()
      for (const failed of [second.failures, failures]) {
        assert.equal(failed.length, 1)
        assert.equal(failed[0]?.code, 'ERR_RECORDER_EXISTS')
        assert.equal(failed[0].message, 'a recording of this name exists')
      }
      assert.equal(await readFile(log, 'utf8'), before)
    })
  })

  it('fails when its folder cannot be made', async () => {
    await withFolder(async (root) => {
      await mkdir(join(root, 'recordings/2026/03'), { recursive: true })
      await writeFile(join(root, 'recordings/2026/03/05'), '')
      const { connection, failures } = openConnection(openStore(root))
      await connection.close()
      assert.match(failures[0]?.code ?? '', /^ERR_RECORDER_(OPEN|EXISTS)$/)
    })
  })

  it('fails when the disk does not answer at the start', async () => {
    await withFolder(async (root) => {
      const fs = filesWith({ mkdir: () => undefined })
      const { connection, failures } = openConnection(openStore(root, { fs, holdLimitMs: 20 }))
      await connection.close()
      await new Promise((resolve) => setTimeout(resolve, 60))
      assert.deepEqual(
        failures.map(({ code }) => code),
        ['ERR_RECORDER_HOLD'],
      )
    })
  })

  it('does not begin when too little space is left', async () => {
    await withFolder(async (root) => {
      const store = openStore(root, { minimumFreeBytes: Number.MAX_SAFE_INTEGER })
      const space = await store.checkFreeSpace()
      assert.equal(space.kind, 'low')
      const { connection, failures } = openConnection(store)
      await connection.close()
      assert.equal(failures[0]?.code, 'ERR_RECORDER_NO_SPACE')
      assert.match(failures[0].message, /^only \d+ bytes are free for recordings, \d+ are needed$/)
      assert.equal((await openStore(root).checkFreeSpace()).kind, 'enough')
    })
  })

  it('has no proper end when one of its channels failed', async () => {
    await withFolder(async (root) => {
      const fs = filesWith({
        write(fd, bytes, offset, length, position, done) {
          const isCast = Buffer.from(bytes).toString().startsWith('{"version":3')
          nodeFiles.write(fd, bytes, offset, isCast ? 5 : length, position, done)
        },
      })
      const { connection, failures } = openConnection(openStore(root, { fs }))
      const channel = openChannel(connection, { channel: 5 })
      await connection.close()
      assert.deepEqual(failures, [])
      assert.equal(channel.failures[0]?.code, 'ERR_RECORDER_SHORT_WRITE')
      const events = await logOf(connection.folder)
      assert.equal(events.at(-2)?.detail['failure'], 'ERR_RECORDER_SHORT_WRITE')
      assert.equal(events.at(-1)?.event, 'recording.failed')
    })
  })
})

interface LogLine {
  readonly at: string
  readonly offset: number
  readonly event: string
  readonly detail: Readonly<Record<string, unknown>>
}

async function logOf(folder: string): Promise<LogLine[]> {
  const lines = (await readFile(join(folder, 'events.ndjson'), 'utf8')).trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as LogLine)
}
