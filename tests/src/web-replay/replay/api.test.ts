import assert from 'node:assert/strict'
import { cast, channelRow, recordingRow } from '../support/recordings.ts'
import { startReviewServer, type ReviewServer } from '../support/review-server.ts'
import { Visitor } from '../support/visitor.ts'

const ID = 'rec_replay_2'
const base = `/api/sessions/${ID}/channels/0`
const file = JSON.stringify({
  note: {
    file: {
      kind: 'judged',
      operation: { op: 'write', path: '/etc/\u202epasswd' },
      allowed: false,
      rule: 'files',
      message: 'No.\u001b[2J',
    },
  },
})

describe('replay API', () => {
  let server: ReviewServer
  let reviewer: Visitor

  before(async () => {
    server = await startReviewServer()
    reviewer = new Visitor()
    await reviewer.signIn(server.url, 'reviewer')
    server.catalog.add({
      recording: recordingRow({ id: ID }),
      channels: [channelRow(), channelRow({ channel: 1 })],
    })
    server.casts.texts.set(
      `${ID}/0`,
      cast([
        [1, 'o', 'first line\r\nsecond \u001b[31mline\u001b[0m\r\n'],
        [9, 'o', 'a\u202eb third\r\n'],
        [0, 'n', file],
      ]),
    )
    const event = { at: '2026-11-23T09:30:00.000Z', offset: 0, event: 'forward.decided' }
    server.casts.texts.set(
      `${ID}/events`,
      `${JSON.stringify({ ...event, detail: { title: 'x\u001b[2J' } })}\nnot json\n[]\n{"torn`,
    )
  })

  beforeEach(() => server.audit.lines.splice(0))

  after(async () => {
    await server.close()
  })

  async function get(path: string): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await reviewer.get(server.url + path)
    return { status: response.status, body: JSON.parse(await response.text()) }
  }

  it('tells of a channel before any of its output, with hostile text made visible', async () => {
    const { status, body } = await get(`${base}/outline`)
    assert.equal(status, 200)
    assert.equal(body['duration'], 10)
    assert.deepEqual(body['gaps'], [[1, 9]])
    assert.equal('segments' in body, false)
  })

  it('gives a player its index and its segments, with and without idling', async () => {
    for (const [query, last] of [
      ['', 10],
      ['?idle=skip', 3],
    ] as const) {
      const { body } = await get(`${base}/index${query}`)
      assert.equal(body['duration'], last)
      const [segment] = body['segments'] as { url: string }[]
      const { body: part } = await get(`${base}/${segment?.url}`)
      const { snapshot, events } = part as { snapshot: unknown; events: [number, string, string][] }
      assert.deepEqual(snapshot, { cols: 80, rows: 24, init: '' })
      assert.equal(events.at(-1)?.[0], last)
    }
  })

  it('refuses a segment of a recording that has grown since, and one that there is not', async () => {
    assert.equal((await get(`${base}/segments/0?size=1`)).status, 409)
    for (const number of ['1', '-1', '01', 'x', '999999999']) {
      assert.equal((await get(`${base}/segments/${number}`)).status, 404)
    }
  })

  it('gives the transcript, and finds words in it', async () => {
    const { body } = await get(`${base}/transcript`)
    assert.deepEqual(body, {
      lines: [
        { time: 1, text: 'first line' },
        { time: 1, text: 'second line' },
        { time: 10, text: 'a<U+202E>b third' },
      ],
    })
    const found = await get(`${base}/transcript?find=SECOND%20l`)
    assert.deepEqual(found.body, { lines: [{ time: 1, text: 'second line' }] })
    for (const query of [
      'find=',
      `find=${'x'.repeat(201)}`,
      'after=x',
      'after=9.0',
      'find=a&find=b',
    ]) {
      assert.equal((await get(`${base}/transcript?${query}`)).status, 400, query)
    }
  })

  it('gives the transcript as a file of plain text, to those who may take it away', async () => {
    const response = await reviewer.get(`${server.url}${base}/text`)
    assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8')
    assert.match(response.headers.get('content-disposition') ?? '', /rec_replay_2-0\.txt/)
    assert.equal(await response.text(), 'first line\nsecond line\na<U+202E>b third\n')
    assert.deepEqual(server.audit.events(), ['review.text-downloaded'])
    const approver = new Visitor()
    await approver.signIn(server.url, 'approver')
    assert.equal((await approver.get(`${server.url}${base}/text`)).status, 403)
  })

  it('lists file operations and events, with hostile text made visible', async () => {
    const files = await get(`/api/sessions/${ID}/files`)
    assert.deepEqual(files.body['files'], [
      {
        channel: 0,
        time: 10,
        via: 'sftp',
        op: 'write',
        path: '/etc/<U+202E>passwd',
        allowed: false,
        rule: 'files',
        message: 'No.␛[2J',
      },
    ])
    const events = await get(`/api/sessions/${ID}/events`)
    assert.deepEqual(events.body, {
      events: [
        { at: Date.UTC(2026, 10, 23, 9, 30), name: 'forward.decided', detail: { title: 'x␛[2J' } },
      ],
      more: false,
    })
  })

  it('writes down each look once in ten minutes, before anything is shown, and tells of it', async () => {
    server.advance(11 * 60_000)
    await get(`${base}/outline`)
    await get(`${base}/index`)
    await get(`${base}/segments/0`)
    await get(`${base}/transcript?find=third`)
    await get(`${base}/transcript?find=third`)
    assert.deepEqual(server.audit.events(), ['review.viewed', 'review.text-searched'])
    server.advance(11 * 60_000)
    await get(`${base}/segments/0`)
    assert.equal(server.audit.events().length, 3)
    const { body } = await get(`/api/sessions/${ID}/accesses`)
    const rows = body['accesses'] as Record<string, unknown>[]
    assert.deepEqual(
      rows.map(({ event, part, words, name }) => [event, part ?? words, name]),
      [
        ['review.viewed', 'replay', 'Test reviewer'],
        ['review.text-searched', 'third', 'Test reviewer'],
        ['review.viewed', 'replay', 'Test reviewer'],
      ],
    )
  })

  it('shows nothing that cannot be written down', async () => {
    server.advance(11 * 60_000)
    server.audit.isBroken = true
    for (const path of [
      'outline',
      'index',
      'segments/0',
      'transcript',
      'transcript?find=a',
      'text',
    ]) {
      assert.equal((await get(`${base}/${path}`)).status, 503, path)
    }
    for (const path of ['files', 'events']) {
      assert.equal((await get(`/api/sessions/${ID}/${path}`)).status, 503, path)
    }
    server.audit.isBroken = false
  })

  it('asks the files for no channel that the catalog does not know, and answers nobody unknown', async () => {
    for (const path of ['outline', 'index', 'segments/0', 'transcript', 'text']) {
      assert.equal((await get(`/api/sessions/${ID}/channels/7/${path}`)).status, 404)
      assert.equal((await get(`/api/sessions/rec_unknown1/channels/0/${path}`)).status, 404)
      const stranger = await new Visitor().get(`${server.url}${base}/${path}`)
      assert.equal(stranger.status, 401)
    }
  })
})
