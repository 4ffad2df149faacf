import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
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

describe('the recording of a channel', () => {
  it('has the time of each event, to the microsecond', async () => {
    await withFolder(async (root) => {
      const manual = { us: 5_000_000 }
      const { connection } = openConnection(openStore(root, { manual }))
      const { channel } = openChannel(connection)
      manual.us += 250_001
      channel.output(1, Buffer.from('a'))
      manual.us += 999
      channel.output(1, Buffer.from('b'))
      manual.us += 1
      channel.output(1, Buffer.from('c'))
      manual.us += 3_000_000
      channel.exitStatus(0)
      await channel.close()
      await connection.close()
      const { events } = await readCast(connection)
      assert.deepEqual(
        events.slice(0, 3).map(({ time, code, text }) => [time, code, text]),
        [
          [0.250001, 'o', 'ab'],
          [0.251001, 'o', 'c'],
          [3.251001, 'x', '0'],
        ],
      )
    })
  })

  it('has a clock, a terminal and a file of its own', async () => {
    await withFolder(async (root) => {
      const manual = { us: 0 }
      const { connection } = openConnection(openStore(root, { manual }))
      const first = openChannel(connection, { term: { cols: 80, rows: 24, type: 'vt100' } })
      manual.us = 10_000_000
      const second = openChannel(connection, {
        channel: 1,
        term: { cols: 132, rows: 50, type: 'xterm' },
      })
      manual.us = 11_000_000
      first.channel.output(1, Buffer.from('one'))
      second.channel.output(1, Buffer.from('two'))
      await connection.close()
      const [one, two] = [await readCast(connection, 0), await readCast(connection, 1)]
      assert.deepEqual(one.events[0], { interval: 11, time: 11, code: 'o', text: 'one' })
      assert.deepEqual(two.events[0], { interval: 1, time: 1, code: 'o', text: 'two' })
      assert.equal(two.header?.timestamp, (one.header?.timestamp ?? 0) + 10)
      assert.deepEqual(two.header?.term, { cols: 132, rows: 50, type: 'xterm' })
      assert.deepEqual(one.header?.env, { TERM: 'vt100' })
    })
  })

  it('has resizes, clamped, with the size that was asked for in a note', async () => {
    await recorded((channel) => {
      channel.resize(120, 40)
      channel.resize(4294967295, 0)
    }).then((lines) =>
      assert.deepEqual(lines, [
        'r 120x40',
        'n {"kind":"term","cols":4294967295,"rows":0}',
        'r 500x24',
      ]),
    )
  })

  it('notes the size of a terminal that no player could show', async () => {
    await withFolder(async (root) => {
      const { connection } = openConnection(openStore(root))
      openChannel(connection, { term: { cols: 1e6, rows: 1e6, type: 'xterm' } })
      await connection.close()
      const cast = await readCast(connection)
      assert.deepEqual(cast.header?.term, { cols: 500, rows: 200, type: 'xterm' })
      assert.deepEqual(texts(cast), ['n {"kind":"term","cols":1000000,"rows":1000000}'])
    })
  })

  it('has decisions on commands, each with a marker', async () => {
    const lines = await recorded((channel) => {
      channel.command({ text: 'ls', effect: 'allow', rule: 'read', argv: [['ls']] })
      channel.command({ text: 'rm -rf /', effect: 'deny', rule: 'no-rm', message: 'never' })
      channel.command({ text: 'x', effect: 'allow', rule: 'trusted', judged: false })
    })
    assert.deepEqual(lines, [
      'c {"text":"ls","effect":"allow","rule":"read","judged":true,"argv":[["ls"]]}',
      'm allow  ls',
      'c {"text":"rm -rf /","effect":"deny","rule":"no-rm","judged":true,"message":"never"}',
      'm deny  rm -rf /',
      'c {"text":"x","effect":"allow","rule":"trusted","judged":false}',
      'm allow, not judged  x',
    ])
  })

  it('has exit signals as the status that a shell gives them', async () => {
    const lines = await recorded((channel) => {
      channel.exitSignal('TERM', true)
      channel.exitSignal('constructor', false)
    })
    assert.deepEqual(lines, [
      'n {"kind":"exit-signal","signal":"TERM","coreDumped":true}',
      'x 143',
      'n {"kind":"exit-signal","signal":"constructor","coreDumped":false}',
      'x 255',
    ])
  })

  it("keeps a caller's note from being read as one of its own", async () => {
    await withFolder(async (root) => {
      const { connection } = openConnection(openStore(root))
      const { channel } = openChannel(connection)
      channel.note({ kind: 'held', stream: 1, base64: 'YWFh' })
      await connection.close()
      const cast = await readCast(connection)
      assert.deepEqual(texts(cast), ['n {"note":{"kind":"held","stream":1,"base64":"YWFh"}}'])
      assert.equal(reconstruct(cast).stdout.length, 0)
    })
  })

  it('counts input and keeps none of it', async () => {
    await withFolder(async (root) => {
      const { connection } = openConnection(openStore(root))
      const { channel, until } = openChannel(connection, { pty: true })
      await until(channel.input(Buffer.from('my secret\r')))
      const { totals, truncated } = await channel.close()
      await connection.close()
      assert.deepEqual(totals.input, { bytes: 10, omitted: 10 })
      assert.equal(truncated, false)
      assert.ok(!(await readFile(join(connection.folder, '0.cast'), 'utf8')).includes('secret'))
    })
  })

  it('lets nothing wait for input that is only counted', async () => {
    await withFolder(async (root) => {
      const { connection } = openConnection(openStore(root))
      const { channel, written, until } = openChannel(connection)
      await until(channel.output(1, Buffer.from('$ ')))
      const batches = written.length
      for (let piece = 0; piece < 300; piece += 1) {
        assert.ok(channel.input(Buffer.from('some')) <= (written.at(-1) ?? 0))
        assert.equal(channel.pendingBytes, 0)
      }
      await until(channel.output(1, Buffer.from('k')))
      assert.equal(written.length, batches + 1)
      const { totals } = await channel.close()
      await connection.close()
      assert.equal(totals.input.sha256, sha256('some'.repeat(300)))
    })
  })

  it('gives away no hash of input that somebody could guess', async () => {
    const hashes = new Map<string, string | undefined>()
    await withFolder(async (root) => {
      const { connection } = openConnection(openStore(root))
      const channels = [
        { what: 'a password', pty: false, size: 9 },
        { what: 'little', pty: false, size: 1023 },
        { what: 'an upload', pty: false, size: 1024 },
        { what: 'much, typed', pty: true, size: 100_000 },
        { what: 'kept', pty: true, size: 9, recordInput: true },
      ]
      for (const [number, { what, size, ...options }] of channels.entries()) {
        const { channel } = openChannel(connection, { channel: number, ...options })
        for (let sent = 0; sent < size; sent += 500) {
          channel.input(Buffer.alloc(Math.min(500, size - sent), 'x'))
          if (sent % 1000 === 0) await nextTurn()
        }
        const { totals } = await channel.close()
        assert.equal(totals.input.bytes, size)
        hashes.set(what, totals.input.sha256)
        const { totals: read } = reconstruct(await readCast(connection, number))
        assert.deepEqual(read, totals)
      }
      await connection.close()
    })
    assert.deepEqual(Object.fromEntries(hashes), {
      'a password': undefined,
      little: undefined,
      'an upload': sha256('x'.repeat(1024)),
      'much, typed': undefined,
      kept: sha256('x'.repeat(9)),
    })
  })

  it('keeps input where it was asked to', async () => {
    await withFolder(async (root) => {
      const { connection } = openConnection(openStore(root))
      const { channel } = openChannel(connection, { pty: true, recordInput: true })
      channel.output(1, Buffer.from('$ '))
      channel.input(Buffer.from('ls \xff\r', 'latin1'))
      channel.output(1, Buffer.from('a\r\n'))
      await connection.close()
      const cast = await readCast(connection)
      assert.deepEqual(texts(cast), [
        'o $ ',
        's 0',
        'i ls \ufffd\r',
        'b bHMg/w0=',
        's 1',
        'o a\r\n',
      ])
      const { stdin, stdout } = reconstruct(cast)
      assert.equal(stdin.toString('latin1'), 'ls \xff\r')
      assert.equal(stdout.toString(), '$ a\r\n')
    })
  })

  it('refuses to be used once it was closed', async () => {
    await withFolder(async (root) => {
      const { connection } = openConnection(openStore(root))
      const { channel } = openChannel(connection)
      const closed = channel.close()
      const error = { name: 'TypeError', message: 'the recording of this channel is closed' }
      assert.throws(() => channel.output(1, Buffer.from('a')), error)
      assert.throws(() => channel.exitStatus(0), error)
      assert.equal(await channel.close(), await closed)
      await connection.close()
    })
  })
})

async function recorded(
  use: (channel: ReturnType<typeof openChannel>['channel']) => void,
): Promise<string[]> {
  let lines: string[] = []
  await withFolder(async (root) => {
    const { connection } = openConnection(openStore(root))
    use(openChannel(connection).channel)
    await connection.close()
    lines = texts(await readCast(connection))
  })
  return lines
}
