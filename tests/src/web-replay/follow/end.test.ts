import assert from 'node:assert/strict'
import { recordingRow } from '../support/recordings.ts'
import { startReviewServer, type ReviewServer } from '../support/review-server.ts'
import { Visitor } from '../support/visitor.ts'

const ID = 'rec_running2'
const path = `/api/sessions/${ID}/end`

describe('ending a running session', () => {
  let server: ReviewServer
  const ended: (readonly string[])[] = []
  let isRunning = true

  before(async () => {
    const end = (...given: readonly string[]): boolean => {
      ended.push(given)
      return isRunning
    }
    server = await startReviewServer({ app: { ender: { end } } })
    server.catalog.add({ recording: recordingRow({ id: ID, status: 'running' }) })
  })

  beforeEach(() => {
    ended.splice(0)
    server.audit.lines.splice(0)
    isRunning = true
  })

  after(async () => {
    await server.close()
  })

  async function visitor(account: string): Promise<{ person: Visitor; csrfToken: string }> {
    const person = new Visitor()
    await person.signIn(server.url, account)
    const me = await (await person.get(`${server.url}/api/me`)).json()
    return { person, csrfToken: Object(me).csrfToken }
  }

  for (const account of ['approver', 'admin']) {
    it(`is for an ${account}, with a reason that the agent is told, and is written down`, async () => {
      const { person, csrfToken } = await visitor(account)
      server.audit.lines.splice(0)
      const body = { reason: ' looks wrong ', csrfToken }
      const response = await person.postJson(server.url + path, body)
      assert.deepEqual(await response.json(), { kind: 'ended' })
      assert.deepEqual(ended, [
        [
          ID,
          'a reviewer ended it: looks wrong',
          `Test ${account} (${account} at ${server.issuerUrl})`,
        ],
      ])
      const [line] = server.audit.lines
      assert.equal(line?.event, 'review.end-asked')
      assert.equal(line?.detail['recordingId'], ID)
      assert.equal(line?.detail['reason'], 'looks wrong')
    })
  }

  it('is not for a reviewer alone', async () => {
    const { person, csrfToken } = await visitor('reviewer')
    const response = await person.postJson(server.url + path, { reason: 'x', csrfToken })
    assert.equal(response.status, 403)
    assert.deepEqual(ended, [])
    assert.equal(server.audit.events().at(-1), 'review.access-denied')
  })

  it('is not for another site, nor without our token', async () => {
    const { person, csrfToken } = await visitor('admin')
    const body = { reason: 'x', csrfToken }
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      {},
    ]) {
      assert.equal((await person.postJson(server.url + path, body, headers)).status, 403)
    }
    for (const token of [undefined, '', 'x', csrfToken.slice(1)]) {
      const forged = { reason: 'x', csrfToken: token }
      assert.equal((await person.postJson(server.url + path, forged)).status, 403)
    }
    assert.deepEqual(ended, [])
  })

  it('needs a reason that is one line and hides nothing', async () => {
    const { person, csrfToken } = await visitor('admin')
    for (const reason of [
      undefined,
      '',
      '  ',
      'a\nb',
      'a\u001b[2J',
      'a\u202eb',
      'x'.repeat(301),
      5,
    ]) {
      const response = await person.postJson(server.url + path, { reason, csrfToken })
      assert.equal(response.status, 400, JSON.stringify(reason))
    }
    const more = { reason: 'x', csrfToken, force: true }
    assert.equal((await person.postJson(server.url + path, more)).status, 400)
    assert.deepEqual(ended, [])
  })

  it('says when there is nothing to end, and ends nothing that cannot be written down', async () => {
    const { person, csrfToken } = await visitor('admin')
    const body = { reason: 'x', csrfToken }
    isRunning = false
    assert.equal((await person.postJson(server.url + path, body)).status, 409)
    const other = `${server.url}/api/sessions/rec_unknown1/end`
    assert.equal((await person.postJson(other, body)).status, 404)
    ended.splice(0)
    server.audit.isBroken = true
    assert.equal((await person.postJson(server.url + path, body)).status, 503)
    server.audit.isBroken = false
    assert.deepEqual(ended, [])
    assert.equal((await new Visitor().postJson(server.url + path, body)).status, 401)
  })
})
