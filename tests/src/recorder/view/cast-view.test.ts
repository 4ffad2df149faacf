import assert from 'node:assert/strict'
import { type Cast, decodeCast } from '@sallyport/recorder/asciicast'
import { openCast } from '@sallyport/recorder/store'
import { castMarkers, castView, plainText } from '@sallyport/recorder/view'
import { withFolder } from '../support/folders.ts'
import { chunksOf, openChannel, openConnection, openStore, texts } from '../support/recordings.ts'

const HEADER = '{"version":3,"term":{"cols":80,"rows":24}}\n'

describe('castView', () => {
  it('shows a recording as a strict reader wants it', async () => {
    await withFolder(async (root) => {
      const manual = { us: 0 }
      const { connection } = openConnection(openStore(root, { manual }))
      const { channel } = openChannel(connection, { title: 'a \u202etitle', command: 'l\u0000s' })
      channel.command({ text: 'ls', effect: 'allow', rule: 'r' })
      manual.us = 1_000_000
      channel.output(1, Buffer.from('caf\xe9\r\n', 'latin1'))
      channel.output(2, Buffer.from('error'))
      channel.note({ about: 'nothing' })
      manual.us = 2_000_000
      channel.resize(90, 9000)
      channel.exitStatus(3)
      await connection.close()
      const file = await openCast(root, 'recording-1', 0)
      assert.ok(file)
      const cast = await view(file.chunks())
      assert.deepEqual(cast.header, {
        version: 3,
        term: { cols: 80, rows: 24 },
        timestamp: Date.UTC(2026, 2, 5, 12) / 1000,
        title: 'a title',
        command: 'ls',
      })
      assert.deepEqual(
        cast.events.map(({ time, code, text }) => [time, code, text]),
        [
          [0, 'm', 'allow  ls'],
          [1, 'o', 'caf\ufffd\r\n'],
          [1, 'o', 'error'],
          [2, 'r', '90x200'],
          [2, 'x', '3'],
        ],
      )
    })
  })

  it('drops what a player would choke on, and keeps the time', async () => {
    const cast = await view(
      chunksOf(
        HEADER,
        '# a comment\n[1,"o","a"]\n[1,"z","unknown"]\n[-5,"o","negative"]\n[1,"o",5]\nnot json\n',
        '[1,"r","1000000x1000000"]\n[1,"r","big"]\n[1,"x","zero"]\n[1,"m","a\\u0007\\u202eb"]\n[1,"o","to',
      ),
    )
    assert.deepEqual(
      cast.events.map(({ time, code, text }) => [time, code, text]),
      [
        [1, 'o', 'a'],
        [3, 'r', '500x200'],
        [6, 'm', 'ab'],
      ],
    )
  })

  it('clamps and rebuilds the header', async () => {
    const header = {
      version: 3,
      term: { cols: 65535, rows: 65535, type: 'x\u001bterm', theme: { fg: 'red' } },
      env: { TERM: 'vt100', SECRET: 'x' },
      idle_time_limit: -1,
      sallyport: { recording: 'x', channel: 0, kind: 'exec', pty: false },
    }
    const text: string[] = []
    for await (const part of castView(chunksOf(`${JSON.stringify(header)}\n`))) text.push(part)
    assert.equal(
      text.join(''),
      '{"version":3,"term":{"cols":500,"rows":200,"type":"xterm"},"env":{"TERM":"vt100"}}\n[0,"o",""]\n',
    )
  })

  it('shows binary output as one line', async () => {
    const cast = await view(
      chunksOf(HEADER, '[0,"o","a"]\n[0,"s","1"]\n[1,"b","YQBi"]\n[1,"b","YQBi"]\n[1,"o","c"]\n'),
    )
    assert.deepEqual(texts(cast), [
      'o a',
      'o \r\n[sallyport: binary output, 6 bytes kept]\r\n',
      'o c',
    ])
    assert.equal(cast.events.at(-1)?.time, 3)
    const last = await view(chunksOf(HEADER, '[0,"b","YQBi"]\n'))
    assert.deepEqual(texts(last), ['o \r\n[sallyport: binary output, 3 bytes kept]\r\n'])
  })

  it('shows gaps and a missing end', async () => {
    const totals = { bytes: 30, omitted: 20, sha256: 'x' }
    const nothing = { bytes: 0, omitted: 0, sha256: 'x' }
    const omitted = { kind: 'omitted', totals: { input: nothing, stdout: totals, stderr: nothing } }
    const gaps = [
      { kind: 'omitting', stream: 1, upTo: 100 },
      { kind: 'omitting', stream: 1, upTo: 200 },
      omitted,
      { kind: 'torn', bytes: 9 },
      { kind: 'unknown' },
    ]
    const lines = gaps.map((gap) => `${JSON.stringify([0, 'g', JSON.stringify(gap)])}\n`)
    const end = '[0,"n","{\\"kind\\":\\"interrupted\\"}"]\n'
    const shown = texts(await view(chunksOf(HEADER, ...lines, end)))
    assert.deepEqual(
      shown.map((line) => line.replaceAll('\r\n', '')),
      [
        'o [sallyport: stdout goes on, but is not kept from here: only its size and SHA-256 are]',
        'o [sallyport: not kept: 20 of 30 bytes of stdout]',
        'o [sallyport: the recording was cut off here; 9 bytes of an unfinished line are kept aside]',
        'o [sallyport: the recording has no proper end: it was interrupted]',
      ],
    )
  })

  it('shows something of a file that is no cast', async () => {
    for (const file of ['', 'x', 'x\n', '\0\0\n[0,"o","a"]\n']) {
      const cast = await view(chunksOf(file))
      assert.deepEqual(cast.header?.term, { cols: 80, rows: 24 })
      assert.match(cast.events[0]?.text ?? '', /the header of this recording cannot be read/)
    }
  })

  it('passes over a line that is longer than any of ours', async () => {
    const long = `[0,"o","${'x'.repeat(5 * 1024 * 1024)}"]\n`
    const cast = await view(chunksOf(HEADER, long, '[0,"o","after"]\n'))
    assert.deepEqual(texts(cast), ['o after'])
  })

  it('gives the same view for every way to cut the file into chunks', async () => {
    const file = `${HEADER}[1,"o","é日😀"]\n[0,"b","YQ=="]\n[1,"m","x"]\n[0.5,"b","YQBi"]\n`
    const expected = await view(chunksOf(file))
    const bytes = Buffer.from(file)
    for (let at = 0; at <= bytes.length; at += 1) {
      const parts = [bytes.subarray(0, at), bytes.subarray(at)]
      assert.deepEqual(await view(chunksOf(...parts)), expected)
    }
  })

  it('is playable for every place where a file can be cut', async () => {
    const bytes = Buffer.from(`${HEADER}[1,"o","é"]\n[1,"m","x"]\n`)
    for (let length = 0; length < bytes.length; length += 1) {
      const cast = await view(chunksOf(bytes.subarray(0, length)))
      assert.ok(cast.events.length > 0)
    }
  })
})

describe('castMarkers', () => {
  it('lists decisions, gaps and ends with their times', async () => {
    await withFolder(async (root) => {
      const manual = { us: 0 }
      const { connection } = openConnection(openStore(root, { manual }))
      const { channel } = openChannel(connection, { limits: { text: 1 } })
      channel.command({ text: 'ls', effect: 'allow', rule: 'r' })
      manual.us = 1_000_000
      channel.command({ text: 'rm \u202e-rf', effect: 'deny', rule: 'r' })
      channel.command({ text: 'x', effect: 'allow', rule: 'r', judged: false })
      manual.us = 2_500_000
      channel.output(1, Buffer.from('ab'))
      channel.exitStatus(0)
      await connection.close()
      const file = await openCast(root, 'recording-1', 0)
      assert.ok(file)
      assert.deepEqual(await castMarkers(file.chunks()), [
        { time: 0, label: 'allow  ls', kind: 'allow' },
        { time: 1, label: 'deny  rm -rf', kind: 'deny' },
        { time: 1, label: 'allow, not judged  x', kind: 'not-judged' },
        {
          time: 2.5,
          label: 'stdout goes on, but is not kept from here: only its size and SHA-256 are',
          kind: 'gap',
        },
        { time: 2.5, label: 'exit 0', kind: 'exit' },
        { time: 2.5, label: 'not kept: 1 of 2 bytes of stdout', kind: 'gap' },
      ])
    })
  })

  it('lists a plain marker and an interruption', async () => {
    const lines = '[1,"m","here"]\n[0,"n","{\\"kind\\":\\"interrupted\\"}"]\n'
    assert.deepEqual(await castMarkers(chunksOf(HEADER, lines)), [
      { time: 1, label: 'here', kind: 'marker' },
      { time: 1, label: 'interrupted', kind: 'interrupted' },
    ])
  })
})

describe('plainText', () => {
  it('takes out all that hides or reorders text', () => {
    const hidden =
      '\u0000\u001b\u007f\u0085\u00ad\u061c\u200b\u200e\u202e\u2066\u2028\ufeff\u{e0041}'
    assert.equal(plainText(`a${hidden}b\r\nc`), 'abc')
    assert.equal(plainText('日本語 é 😀 "<b>"'), '日本語 é 😀 "<b>"')
    assert.equal(plainText('\ud800'), '\ufffd')
  })

  it('cuts after 256 characters, never inside one', () => {
    const text = plainText('😀'.repeat(300))
    assert.equal(text, `${'😀'.repeat(255)}…`)
  })
})

/** Decodes the view as strictly as a player might: it must have a header and no bad line. */
async function view(chunks: AsyncIterable<Uint8Array>): Promise<Cast> {
  const parts: string[] = []
  for await (const part of castView(chunks)) parts.push(part)
  const cast = decodeCast(parts.join(''), { strict: true })
  assert.equal(cast.torn, undefined)
  assert.ok(cast.header)
  assert.ok(cast.events.every(({ code }) => /^[oirmx]$/.test(code)))
  return cast
}
