import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { reconstruct } from '@sallyport/recorder/asciicast'
import { withFolder } from '../support/folders.ts'
import {
  openChannel,
  openConnection,
  openStore,
  readCast,
  sha256,
  texts,
} from '../support/recordings.ts'

const STEP = 256 * 1024

describe('the limits of a recording', () => {
  it('keeps the beginning of a text stream and accounts for the rest', async () => {
    await withFolder(async (root) => {
      const { connection } = openConnection(openStore(root))
      const { channel } = openChannel(connection, { limits: { text: 10 } })
      channel.output(1, Buffer.from('0123456'))
      channel.output(1, Buffer.from('789abcdef'))
      channel.output(2, Buffer.from('error'))
      channel.output(1, Buffer.from('more'))
      const { totals, truncated } = await channel.close()
      await connection.close()
      const cast = await readCast(connection)
      const omitted = JSON.stringify({ kind: 'omitted', totals })
      assert.deepEqual(texts(cast), [
        'o 0123456789',
        `g {"kind":"omitting","stream":1,"upTo":${16 + STEP}}`,
        `g {"kind":"omitting","stream":2,"upTo":${5 + STEP}}`,
        `g ${omitted}`,
      ])
      assert.deepEqual(totals.stdout, {
        bytes: 20,
        omitted: 10,
        sha256: sha256('0123456789abcdefmore'),
      })
      assert.deepEqual(totals.stderr, { bytes: 5, omitted: 5, sha256: sha256('error') })
      assert.equal(truncated, true)
      const streams = reconstruct(cast)
      assert.equal(streams.stdout.toString(), '0123456789')
      assert.deepEqual(streams.totals, totals)
    })
  })

  it('counts binary output apart from text', async () => {
    await withFolder(async (root) => {
      const { connection } = openConnection(openStore(root))
      const { channel } = openChannel(connection, { limits: { text: 100, binary: 4 } })
      channel.output(1, Buffer.from('\0\0\0\0\0\0'))
      channel.output(2, Buffer.from('still kept'))
      const { totals } = await channel.close()
      await connection.close()
      const streams = reconstruct(await readCast(connection))
      assert.deepEqual(streams.stdout, Buffer.alloc(4))
      assert.equal(streams.stderr.toString(), 'still kept')
      assert.equal(totals.stdout.omitted, 2)
    })
  })

  it('cuts in the middle of a character without losing a byte of what it keeps', async () => {
    for (let limit = 0; limit <= 8; limit += 1) {
      for (let cut = 0; cut <= 8; cut += 1) {
        await withFolder(async (root) => {
          const { connection } = openConnection(openStore(root))
          const { channel, until } = openChannel(connection, { limits: { text: limit } })
          const bytes = Buffer.from('a😀€')
          await until(channel.output(1, bytes.subarray(0, cut)))
          channel.output(1, bytes.subarray(cut))
          const { totals } = await channel.close()
          await connection.close()
          const { stdout } = reconstruct(await readCast(connection))
          assert.deepEqual(stdout, bytes.subarray(0, limit))
          assert.equal(totals.stdout.omitted, 8 - limit)
        })
      }
    }
  })

  it('keeps 256 KiB of binary output unless told otherwise', async () => {
    await withFolder(async (root) => {
      const { connection } = openConnection(openStore(root))
      const { channel } = openChannel(connection)
      for (let count = 0; count < 20; count += 1) channel.output(1, Buffer.alloc(30_000))
      const { totals } = await channel.close()
      await connection.close()
      assert.equal(totals.stdout.bytes, 600_000)
      assert.equal(totals.stdout.omitted, 600_000 - 256 * 1024)
    })
  })

  it('has declared in the file, at any time, at least what it reported', async () => {
    await withFolder(async (root) => {
      const { connection } = openConnection(openStore(root))
      const { channel, until } = openChannel(connection, { limits: { binary: 1000 } })
      const chunk = Buffer.alloc(50_000)
      for (let sent = chunk.length; sent < 2_000_000; sent += chunk.length) {
        await until(channel.output(1, chunk))
        const { upTo } = reconstruct(await readCast(connection))
        assert.ok(upTo[1] >= sent, `${upTo[1]} bytes are declared of ${sent}`)
        assert.ok(upTo[1] <= sent + STEP)
      }
      await connection.close()
      const { size } = await stat(join(connection.folder, '0.cast'))
      assert.ok(size < 4000, `the file has ${size} bytes`)
    })
  })
})
