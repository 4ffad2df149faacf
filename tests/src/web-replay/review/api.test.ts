import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { startReviewServer } from '../support/review-server.ts'
import type { ReviewServer } from '../support/review-server.ts'
import { START, cast, channelRow, commandRow, recordingRow } from '../support/recordings.ts'
import { Visitor } from '../support/visitor.ts'

const ID = 'rec_00000001'
const PROBLEM = 'application/problem+json; charset=utf-8'

describe('review API', () => {
  let server: ReviewServer
  const reviewer = new Visitor()
  const approver = new Visitor()

  before(async () => {
    server = await startReviewServer()
    server.catalog.add({
      recording: recordingRow({ identity: 'agent\u202eevil', claims: { note: 'a\nb' } }),
      channels: [channelRow()],
      commands: [commandRow({ text: 'id\u001b]0;x\u0007' })],
    })
    server.casts.texts.set(`${ID}/0`, cast([[0.5, 'o', 'hello\r\n']]))
    server.casts.texts.set(`${ID}/7`, cast([[0.5, 'o', 'not in the catalog']]))
    await reviewer.signIn(server.url, 'reviewer')
    await approver.signIn(server.url, 'approver')
  })

  beforeEach(() => {
    server.audit.lines.length = 0
    server.audit.isBroken = false
    server.casts.asked.length = 0
    server.catalog.asked.length = 0
    server.errors.length = 0
  })

  after(async () => {
    await server.close()
  })

  for (const path of [
    '/api/me',
    '/api/sessions',
    `/api/sessions/${ID}`,
    `/api/sessions/${ID}/channels/0/cast`,
    `/api/sessions/${ID}/channels/0/markers`,
    `/api/sessions/${ID}/channels/0/raw`,
  ]) {
    it(`answers 401 without a cookie: ${path}`, async () => {
      const response = await new Visitor().get(server.url + path)
      assert.equal(response.status, 401)
      assert.equal(response.headers.get('content-type'), PROBLEM)
      assert.equal(response.headers.get('cache-control'), 'no-store')
      assert.deepEqual(await response.json(), {
        type: 'about:blank',
        title: 'Not signed in',
        status: 401,
        detail: 'Sign in at /login first.',
      })
      assert.deepEqual(server.catalog.asked, [])
    })
  }

  it('sends pages without a cookie to sign in and back', async () => {
    const response = await new Visitor().get(`${server.url}/sessions/${ID}?t=3`)
    assert.equal(response.status, 302)
    const returnTo = encodeURIComponent(`/sessions/${ID}?t=3`)
    assert.equal(response.headers.get('location'), `/login?returnTo=${returnTo}`)
  })

  it('shows a session with its hostile text made visible, and audits it', async () => {
    const detail = await (await reviewer.get(`${server.url}/api/sessions/${ID}`)).json()
    assert.equal(detail.recording.identity, 'agent<U+202E>evil')
    assert.equal(detail.recording.claims.note, 'a␊b')
    assert.equal(detail.commands[0].text, 'id␛]0;x␇')
    const [line] = server.audit.lines
    assert.equal(line?.event, 'review.viewed')
    assert.equal(line?.detail['recordingId'], ID)
    assert.deepEqual(line?.detail['reviewer'], {
      issuer: server.issuerUrl,
      subject: 'reviewer',
      name: 'Test reviewer',
      roles: ['reviewer'],
    })
  })

  it('sends the cast for the player, never as a page, and audits it', async () => {
    const response = await reviewer.get(`${server.url}/api/sessions/${ID}/channels/0/cast`)
    assert.equal(response.status, 200)
    assert.match(response.headers.get('content-type') ?? '', /^application\/x-asciicast/)
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff')
    assert.equal(response.headers.get('cache-control'), 'no-store')
    assert.equal(await response.text(), cast([[0.5, 'o', 'hello\r\n']]))
    assert.equal(server.audit.lines[0]?.detail['part'], 'cast')
  })

  it('sends the raw recording as an attachment, and audits it', async () => {
    const response = await reviewer.get(`${server.url}/api/sessions/${ID}/channels/0/raw`)
    assert.equal(response.headers.get('content-disposition'), `attachment; filename=${ID}-0.cast`)
    assert.match(response.headers.get('content-type') ?? '', /^application\/x-asciicast/)
    assert.equal(await response.text(), cast([[0.5, 'o', 'hello\r\n']]))
    assert.deepEqual(server.audit.events(), ['review.raw-downloaded'])
    assert.equal(server.audit.lines[0]?.detail['channel'], 0)
  })

  it('keeps the raw recording from an approver, and audits that', async () => {
    const response = await approver.get(`${server.url}/api/sessions/${ID}/channels/0/raw`)
    assert.equal(response.status, 403)
    assert.equal((await response.json()).detail, 'Your roles do not include recordings.raw.')
    assert.deepEqual(server.audit.events(), ['review.access-denied'])
    assert.deepEqual(server.casts.asked, [])
    assert.equal((await approver.get(`${server.url}/api/sessions/${ID}`)).status, 200)
  })

  for (const path of [
    '/api/sessions/..%2f..%2fetc%2fpasswd',
    '/api/sessions/%2e%2e',
    '/api/sessions/short',
    `/api/sessions/${ID}%00`,
    `/api/sessions/${ID}/channels/..%2f0/cast`,
    `/api/sessions/${ID}/channels/-1/raw`,
    `/api/sessions/${ID}/channels/0%00/raw`,
    `/api/sessions/${ID}/channels/7/cast`,
    `/api/sessions/${ID}/channels/7/raw`,
    '/api/sessions/rec_unknown1/channels/0/cast',
    '/api/unknown',
  ]) {
    it(`answers 404 and asks no store: ${path}`, async () => {
      const response = await reviewer.get(server.url + path)
      assert.equal(response.status, 404)
      assert.equal(response.headers.get('content-type'), PROBLEM)
      assert.deepEqual(server.casts.asked, [])
      assert.deepEqual(server.audit.lines, [])
    })
  }

  it('answers 400 to a path that is not UTF-8', async () => {
    assert.equal((await reviewer.get(`${server.url}/api/sessions/%ff%fe%ff`)).status, 400)
  })

  it('shows nothing that could not be audited', async () => {
    server.audit.isBroken = true
    for (const path of ['', '/channels/0/cast', '/channels/0/raw']) {
      const response = await reviewer.get(`${server.url}/api/sessions/${ID}${path}`)
      assert.equal(response.status, 503)
      assert.equal(response.headers.get('content-disposition'), null)
      assert.deepEqual(await response.json(), {
        type: 'about:blank',
        title: 'The audit log cannot be written, so nothing is shown.',
        status: 503,
      })
    }
    const [error] = server.errors
    assert.ok(error instanceof Error && 'code' in error && error.cause instanceof Error)
    assert.equal(error.code, 'ERR_REVIEW_AUDIT_FAILED')
    assert.equal(error.message, 'could not write review.viewed')
    assert.equal(error.cause.message, 'disk full')
  })

  it('answers 400 to a malformed page query', async () => {
    for (const query of [
      'limit=0',
      'limit=1000',
      'before=',
      'before=nonsense',
      'limit=1&limit=2',
    ]) {
      const response = await reviewer.get(`${server.url}/api/sessions?${query}`)
      assert.equal(response.status, 400, query)
      assert.equal((await response.json()).title, 'Malformed query')
    }
  })
})

describe('list of sessions', () => {
  let server: ReviewServer
  const reviewer = new Visitor()

  before(async () => {
    server = await startReviewServer()
    for (let index = 0; index < 25; index += 1) {
      const startedAt = START + Math.floor(index / 3) * 1000 // some start in the same millisecond
      server.catalog.add({
        recording: recordingRow({ id: `rec_${String(index).padStart(8, '0')}`, startedAt }),
      })
    }
    await reviewer.signIn(server.url, 'reviewer')
  })

  after(async () => {
    await server.close()
  })

  it('pages by key: each session once, newest first, stable while new ones arrive', async () => {
    const seen: string[] = []
    let next: string | undefined = ''
    while (next !== undefined) {
      const query = new URLSearchParams({ limit: '7', ...(next === '' ? {} : { before: next }) })
      const response = await reviewer.get(`${server.url}/api/sessions?${query}`)
      const page: { rows: { id: string }[]; next?: string } = await response.json()
      seen.push(...page.rows.map(({ id }) => id))
      next = page.next
      const id = `new_${String(seen.length).padStart(8, '0')}`
      server.catalog.add({ recording: recordingRow({ id, startedAt: START + 1_000_000 }) })
    }
    const expected = Array.from(
      { length: 25 },
      (_, index) => `rec_${String(24 - index).padStart(8, '0')}`,
    )
    assert.deepEqual(seen, expected)
  })
})

describe('a recording that breaks while it is sent', () => {
  const reviewer = new Visitor()
  let server: ReviewServer
  let lines: (() => AsyncGenerator<string>) | undefined
  let raw: Readable | undefined

  before(async () => {
    const casts = {
      castView: () => lines?.(),
      rawCast: () => raw,
    }
    server = await startReviewServer({ app: { casts } })
    server.catalog.add({ recording: recordingRow(), channels: [channelRow()] })
    await reviewer.signIn(server.url, 'reviewer')
  })

  after(async () => {
    await server.close()
  })

  it('is an error when it cannot be read at all', async () => {
    lines = async function* () {
      if (raw === undefined) throw new Error('bad sector')
      yield ''
    }
    const response = await reviewer.get(`${server.url}/api/sessions/${ID}/channels/0/cast`)
    assert.equal(response.status, 500)
    assert.equal((await response.text()).includes('sector'), false)
    assert.ok(
      server.errors.some((error) => error instanceof Error && error.message === 'bad sector'),
    )
  })

  it('is cut, so that half of it never passes for the whole', async () => {
    lines = async function* () {
      yield 'x'.repeat(100_000)
      throw new Error('bad sector')
    }
    const response = await reviewer.get(`${server.url}/api/sessions/${ID}/channels/0/cast`)
    assert.equal(response.status, 200)
    await assert.rejects(response.text())
  })

  it('is sent whole when it is long, and empty when it is empty', async () => {
    const text = 'line of a long recording\n'.repeat(200_000)
    lines = async function* () {
      for (let at = 0; at < text.length; at += 1000) yield text.slice(at, at + 1000)
    }
    const path = `${server.url}/api/sessions/${ID}/channels/0`
    assert.equal((await (await reviewer.get(`${path}/cast`)).text()) === text, true)
    raw = Readable.from([Buffer.from(text)])
    assert.equal((await (await reviewer.get(`${path}/raw`)).text()) === text, true)
    lines = async function* () {}
    assert.equal(await (await reviewer.get(`${path}/cast`)).text(), '')
  })

  it('says 500 and no attachment when the raw file cannot be opened', async () => {
    raw = new Readable({
      read() {
        this.destroy(new Error('gone'))
      },
    })
    const response = await reviewer.get(`${server.url}/api/sessions/${ID}/channels/0/raw`)
    assert.equal(response.status, 500)
    assert.equal(response.headers.get('content-disposition'), null)
  })
})
