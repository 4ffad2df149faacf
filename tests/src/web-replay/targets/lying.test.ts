import assert from 'node:assert/strict'
import { startReviewServer, type ReviewServer } from '../support/review-server.ts'
import { Visitor } from '../support/visitor.ts'

const ODD = 'no\u202e\u001b[2J\u200bthing'
const SHOWN = 'no<U+202E>␛[2J<U+200B>thing'

describe('what a target has said on the page of targets', () => {
  let server: ReviewServer
  let admin: Visitor

  before(async () => {
    const place = { target: 'web', login: 'root' }
    const row = {
      ...place,
      labels: {},
      key: 'web',
      version: 1,
      createdAt: 0,
      fingerprint: 'SHA256:x',
      seen: { at: 0, result: 'failed', problem: ODD },
      rotation: {
        phase: 'adding',
        changedAt: 0,
        problem: ODD,
        places: [{ ...place, step: 'waiting', problem: ODD }],
      },
      run: { id: '1', by: 'me', isUnderWay: false, state: 'refused', problem: ODD },
      next: undefined,
    }
    const places = [{ ...place, found: [ODD], problems: [ODD], warnings: [ODD] }]
    const targets = {
      list: () => [row],
      frozen: () => undefined,
      subscribe: () => () => {},
      plan: () => ({ kind: 'ok', places }) as const,
      rotate: () => ({ kind: 'refused', message: ODD }) as const,
    }
    server = await startReviewServer({ app: { targets } })
    admin = new Visitor()
    await admin.signIn(server.url, 'admin')
  })
  after(() => server.close())

  it('hides nothing and reorders nothing', async () => {
    const me = await (await admin.get(`${server.url}/api/me`)).json()
    const { csrfToken } = Object(me)
    const list = await (await admin.get(`${server.url}/api/targets`)).text()
    const acts = ['plan', 'rotate'].map(async (act) => {
      const url = `${server.url}/api/targets/keys/web/${act}`
      return (await admin.postJson(url, { csrfToken })).text()
    })
    const [plan = '', rotate = ''] = await Promise.all(acts)
    assert.deepEqual(
      [list, plan, rotate].map((text) => text.split(SHOWN).length - 1),
      [4, 3, 1],
    )
  })
})
