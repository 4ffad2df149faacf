import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { reconstruct } from '@sallyport/recorder/asciicast'
import fc from 'fast-check'
import { withFolder } from '../support/folders.ts'
import {
  openChannel,
  openConnection,
  openStore,
  readCast,
  sha256,
  texts,
} from '../support/recordings.ts'

describe('the recording of output', () => {
  it('writes a header, output and the account of the streams', async () => {
    await withFolder(async (root) => {
      const { connection, failures } = openConnection(openStore(root))
      const { channel } = openChannel(connection, {
        channel: 7,
        kind: 'shell',
        pty: true,
        title: 'shell on web-1',
        term: { cols: 100, rows: 30, type: 'xterm' },
        identity: 'ci',
        target: 'web-1',
        login: 'deploy',
        clientAddress: '192.0.2.7',
        policy: 'abc123',
      })
      channel.output(1, Buffer.from('hello\r\n'))
      const summary = await channel.close()
      await connection.close()
      const cast = await readCast(connection, 7)
      assert.deepEqual(cast.header, {
        version: 3,
        term: { cols: 100, rows: 30, type: 'xterm' },
        timestamp: Date.UTC(2026, 2, 5, 12) / 1000,
        title: 'shell on web-1',
        env: { TERM: 'xterm' },
        sallyport: {
          recording: 'recording-1',
          channel: 7,
          kind: 'shell',
          pty: true,
          identity: 'ci',
          target: 'web-1',
          login: 'deploy',
          clientAddress: '192.0.2.7',
          policy: 'abc123',
        },
      })
      assert.deepEqual(texts(cast), ['o hello\r\n'])
      assert.deepEqual(summary.totals.stdout, { bytes: 7, omitted: 0, sha256: sha256('hello\r\n') })
      assert.deepEqual(reconstruct(cast).totals, summary.totals)
      assert.equal(summary.truncated, false)
      assert.equal(summary.failure, undefined)
      assert.equal(summary.fileBytes, (await stat(join(connection.folder, '7.cast'))).size)
      assert.deepEqual(failures, [])
    })
  })

  it('keeps files and folders to their owner', async () => {
    await withFolder(async (root) => {
      const { connection } = openConnection(openStore(root))
      await openChannel(connection).channel.close()
      await connection.close()
      assert.equal(connection.folder, join(root, 'recordings/2026/03/05/recording-1'))
      assert.equal((await stat(connection.folder)).mode & 0o777, 0o700)
      assert.equal((await stat(join(root, 'recordings'))).mode & 0o777, 0o700)
      assert.equal((await stat(join(connection.folder, '0.cast'))).mode & 0o777, 0o600)
      assert.equal((await stat(join(connection.folder, 'events.ndjson'))).mode & 0o777, 0o600)
    })
  })

  it('keeps a character whole that came in two packets and two batches', async () => {
    await recorded({ pty: true }, async ({ channel, until }) => {
      await until(channel.output(1, Buffer.from([0x61, 0xe2, 0x82])))
      await until(channel.output(1, Buffer.from([0xac, 0x62])))
    }).then(({ lines, streams }) => {
      const held = 'n {"kind":"held","stream":1,"base64":"4oI="}'
      assert.deepEqual(lines, ['o a', held, 'o €b'])
      assert.equal(streams.stdout.toString(), 'a€b')
    })
  })

  it('has the bytes of an unfinished character in the file once they are reported', async () => {
    await withFolder(async (root) => {
      const { connection } = openConnection(openStore(root))
      const { channel, until } = openChannel(connection, { pty: true })
      const bytes = Buffer.from('x😀')
      for (const [index, byte] of bytes.entries()) {
        await until(channel.output(1, Buffer.from([byte])))
        const { stdout } = reconstruct(await readCast(connection))
        assert.deepEqual(stdout, bytes.subarray(0, index + 1))
      }
      await connection.close()
    })
  })

  it('keeps characters of stdout and stderr apart that came interleaved', async () => {
    const { lines, streams } = await recorded({}, async ({ channel }) => {
      channel.output(1, Buffer.from([0x61, 0xc3]))
      channel.output(2, Buffer.from([0xe2, 0x82]))
      channel.output(1, Buffer.from([0xa9]))
      channel.output(2, Buffer.from([0xac]))
    })
    assert.deepEqual(lines, ['o a', 'o é', 's 2', 'o €'])
    assert.equal(streams.stdout.toString(), 'aé')
    assert.equal(streams.stderr.toString(), '€')
  })

  it('marks where the streams change', async () => {
    const { lines } = await recorded({}, async ({ channel }) => {
      channel.output(1, Buffer.from('out'))
      channel.output(2, Buffer.from('error'))
      channel.output(2, Buffer.from(' again'))
      channel.output(1, Buffer.from('back'))
    })
    assert.deepEqual(lines, ['o out', 's 2', 'o error again', 's 1', 'o back'])
  })

  it('keeps the true bytes of text that is not UTF-8', async () => {
    const bytes = Buffer.from('caf\xe9 \xff ok\r\n', 'latin1')
    const { lines, streams } = await recorded({ pty: true }, async ({ channel }) => {
      channel.output(1, bytes)
    })
    assert.deepEqual(lines, ['o caf\ufffd \ufffd ok\r\n', `b ${bytes.toString('base64')}`])
    assert.deepEqual(streams.stdout, bytes)
  })

  it('keeps an unfinished character at the very end', async () => {
    const bytes = Buffer.from([0x61, 0xf0, 0x9f, 0x98])
    const { lines, streams } = await recorded({ pty: true }, async ({ channel }) => {
      channel.output(1, bytes)
    })
    assert.deepEqual(lines, ['o a', 'o \ufffd', 'b 8J+Y'])
    assert.deepEqual(streams.stdout, bytes)
  })

  it('does not keep the bytes it was given, only what they held', async () => {
    const { streams } = await recorded({}, async ({ channel }) => {
      const bytes = Buffer.from('before')
      channel.output(1, bytes)
      bytes.fill('X')
    })
    assert.equal(streams.stdout.toString(), 'before')
  })

  it('takes output with a NUL for binary, from there to the end of the stream', async () => {
    const { lines, streams } = await recorded({}, async ({ channel, until }) => {
      await until(channel.output(1, Buffer.from('text ')))
      await until(channel.output(1, Buffer.from('a\0b')))
      await until(channel.output(1, Buffer.from('more')))
      channel.output(2, Buffer.from('an error'))
    })
    assert.deepEqual(lines, ['o text ', 's 1', 'b YQBi', 'b bW9yZQ==', 's 2', 'o an error'])
    assert.equal(streams.stdout.toString(), 'text a\0bmore')
  })

  it('finds what is no text wherever it is in a piece', async () => {
    const text = 'text'.repeat(600)
    const pieces = {
      'a NUL at the end': Buffer.from(`${text}\0`),
      'a NUL behind the first KiB': Buffer.from(`${text}\0${text}`),
      'a NUL behind letters of other scripts': Buffer.from(`日本語${text}\0`),
      'many bytes that are no UTF-8': Buffer.alloc(400, 0xff),
      'bytes that are no UTF-8, behind the first KiB': Buffer.concat([
        Buffer.from(text),
        Buffer.alloc(400, 0xff),
      ]),
      'letters of other scripts': Buffer.from('日本語'.repeat(600)),
    }
    const binary: string[] = []
    for (const [what, piece] of Object.entries(pieces)) {
      const { lines } = await recorded({}, async ({ channel }) => {
        channel.output(1, piece)
      })
      if (!lines.some((line) => line.startsWith('o'))) binary.push(what)
    }
    assert.deepEqual(binary, [
      'a NUL at the end',
      'a NUL behind the first KiB',
      'a NUL behind letters of other scripts',
      'many bytes that are no UTF-8',
    ])
  })

  it('takes a terminal for text, whatever it prints', async () => {
    const { lines } = await recorded({ pty: true }, async ({ channel }) => {
      channel.output(1, Buffer.from('a\0b'))
    })
    assert.deepEqual(lines, ['o a\0b'])
  })

  it('never writes a chunk as text of which a tenth is control characters', async () => {
    const { lines } = await recorded({}, async ({ channel }) => {
      channel.output(1, Buffer.alloc(100, '\x01\x02abcdef'))
    })
    assert.equal(lines[0]?.slice(0, 2), 'b ')
  })

  it('gives back the exact bytes, however they were cut, batched and spread', async () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      fc.constant(Buffer.from('日本語 привет ünïcödé 😀\r\n'.repeat(3))),
      fc.uint8Array({ minLength: 200, maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
      fc.uint8Array({ minLength: 3000, maxLength: 9000 }).map((bytes) => Buffer.from(bytes)),
    )
    const step = fc.record({
      bytes: piece,
      stream: fc.constantFrom(1 as const, 2 as const),
      cut: fc.nat({ max: 12 }),
      wait: fc.boolean(),
      after: fc.nat({ max: 3000 }),
    })
    const property = fc.asyncProperty(
      fc.array(step, { maxLength: 12 }),
      fc.boolean(),
      async (steps, pty) => {
        const sent: Record<1 | 2, Buffer[]> = { 1: [], 2: [] }
        const { streams, summary } = await recorded({ pty }, async ({ channel, until }, clock) => {
          for (const { bytes, stream, cut, wait, after } of steps) {
            clock.us += after
            channel.output(stream, bytes.subarray(0, cut))
            const seq = channel.output(stream, bytes.subarray(cut))
            sent[stream].push(bytes)
            if (wait) await until(seq)
          }
        })
        assert.deepEqual(streams.stdout, Buffer.concat(sent[1]))
        assert.deepEqual(streams.stderr, Buffer.concat(sent[2]))
        assert.equal(summary.totals.stdout.sha256, sha256(Buffer.concat(sent[1])))
        assert.equal(summary.totals.stderr.sha256, sha256(Buffer.concat(sent[2])))
      },
    )
    await fc.assert(property, { numRuns: 60 })
  })

  it('escapes every byte as JSON wants it', async () => {
    const text = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).join('')
    for (let shift = 0; shift < 4; shift += 1) {
      const bytes = Buffer.from('é'.repeat(shift) + text + '"\\'.repeat(3) + '日\u{1f600}')
      const { streams, lines } = await recorded({ pty: true }, async ({ channel }) => {
        channel.output(1, bytes)
      })
      assert.deepEqual(lines, [`o ${bytes.toString()}`])
      assert.deepEqual(streams.stdout, bytes)
    }
    const { lines } = await recorded({ pty: true }, async ({ channel, until }) => {
      for (const letter of text) await until(channel.output(1, Buffer.from(letter)))
    })
    assert.deepEqual(
      lines,
      Array.from(text, (letter) => `o ${letter}`),
    )
  })
})

type Recorded = Parameters<Parameters<typeof recorded>[1]>

async function recorded(
  options: Parameters<typeof openChannel>[1],
  use: (watched: ReturnType<typeof openChannel>, clock: { us: number }) => Promise<void>,
): Promise<{
  lines: string[]
  streams: ReturnType<typeof reconstruct>
  summary: Awaited<ReturnType<Recorded[0]['channel']['close']>>
}> {
  const results: Awaited<ReturnType<typeof recorded>>[] = []
  await withFolder(async (root) => {
    const manual = { us: 0 }
    const { connection } = openConnection(openStore(root, { manual }))
    const watched = openChannel(connection, options)
    await use(watched, manual)
    const summary = await watched.channel.close()
    await connection.close()
    const cast = await readCast(connection)
    results.push({ lines: texts(cast), streams: reconstruct(cast), summary })
  })
  const [result] = results
  assert.ok(result)
  return result
}
