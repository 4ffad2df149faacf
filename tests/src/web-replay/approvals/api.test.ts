import assert from 'node:assert/strict'
import { createApprovalDesk } from '@sallyport/bastion/approve'
import type { ApprovalTerms } from '@sallyport/bastion/decide'
import { Room, ask } from '../../bastion/approve/support/room.ts'
import { startReviewServer } from '../support/review-server.ts'
import type { ReviewServer } from '../support/review-server.ts'
import { Visitor } from '../support/visitor.ts'

const APPROVERS: Partial<ApprovalTerms> = {
  by: { groups: ['sallyport-approvers'], identities: [] },
  ttl: 3600,
}
const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' }

describe('the API of held commands', () => {
  let room: Room
  let server: ReviewServer
  let approver: Visitor
  let csrfToken: string

  beforeEach(async () => {
    room = new Room({ now: Date.now })
    server = await startReviewServer({ app: { approvals: createApprovalDesk(room.approvals) } })
    approver = new Visitor()
    await approver.signIn(server.url, 'approver')
    csrfToken = (await (await approver.get(`${server.url}/api/me`)).json()).csrfToken
  })

  afterEach(async () => {
    await server.close()
    room.end()
  })

  function decision(ticket: string): string {
    return `${server.url}/api/approvals/${ticket}/decision`
  }

  function yes(ticket: string): Record<string, unknown> {
    const digest = room.approvals.get(ticket)?.digest
    return { verdict: 'approve', digest, csrfToken }
  }

  it('shows what waits, word by word, and all of what would be sent', async () => {
    const held = {
      ...ask({}, APPROVERS).held,
      commands: [['rm', '-r', '/srv/\u202eetc', 'a b']],
      send: Buffer.from("'rm' '-r' '/srv/\u202eetc' 'a b'\n>'/x'"),
    }
    const { ticket } = room.pending({ held, before: ['up\u001btime'] })
    const page = await (await approver.get(`${server.url}/api/approvals`)).json()
    assert.equal(page.total, 1)
    const [row] = page.rows
    assert.equal(row.ticket, ticket)
    assert.deepEqual(row.argv[0][2], [
      { kind: 'plain', text: '/srv/' },
      { kind: 'odd', text: '<U+202E>', codes: 'U+202E' },
      { kind: 'plain', text: 'etc' },
    ])
    assert.equal(row.lines.length, 2)
    assert.deepEqual(row.lines[1], [{ kind: 'plain', text: ">'/x'" }])
    assert.deepEqual(row.before, ['up␛time'])
    assert.equal(row.barred, undefined)
    assert.equal(row.waitsFor, 'sallyport-approvers')
    const one = await (await approver.get(`${server.url}/api/approvals/${ticket}`)).json()
    assert.deepEqual(one.row, row)
  })

  it('lets an approver approve once, as the person that the provider named', async () => {
    const pending = room.pending({}, APPROVERS)
    const response = await approver.postJson(decision(pending.ticket), {
      ...yes(pending.ticket),
      reason: 'fine',
    })
    assert.equal(response.status, 200)
    assert.deepEqual(await response.json(), { kind: 'approved' })
    assert.deepEqual(await pending.outcome, {
      kind: 'approved',
      by: ['Test approver'],
      send: ask().held.send,
    })
    const line = room.lines.find(({ event }) => event === 'approve.approved')
    assert.deepEqual(line?.detail['approver'], {
      issuer: server.issuerUrl,
      subject: 'approver',
      name: 'Test approver',
    })
    const again = await approver.postJson(decision(pending.ticket), yes(pending.ticket))
    assert.equal(again.status, 409)
    assert.match((await again.json()).detail, /ended already/)
  })

  it('lets an approver refuse, and grant, and take a grant back', async () => {
    const refused = room.pending({}, APPROVERS)
    const verdict = { ...yes(refused.ticket), verdict: 'refuse', reason: 'no' }
    assert.equal((await approver.postJson(decision(refused.ticket), verdict)).status, 200)
    assert.deepEqual(await refused.outcome, { kind: 'refused', by: 'Test approver', reason: 'no' })
    const granting = room.pending({}, { ...APPROVERS, grant: 600 })
    const long = { ...yes(granting.ticket), grantSeconds: 601 }
    assert.equal((await approver.postJson(decision(granting.ticket), long)).status, 400)
    const short = { ...yes(granting.ticket), grantSeconds: 600 }
    assert.equal((await approver.postJson(decision(granting.ticket), short)).status, 200)
    const { rows } = await (await approver.get(`${server.url}/api/grants`)).json()
    assert.equal(rows.length, 1)
    const revoke = `${server.url}/api/grants/${rows[0].id}/revoke`
    assert.equal((await approver.postJson(revoke, {})).status, 403)
    assert.equal((await approver.postJson(revoke, { csrfToken, reason: 'x' })).status, 200)
    assert.equal((await approver.postJson(revoke, { csrfToken })).status, 404)
    assert.deepEqual(room.approvals.grants(), [])
  })

  it('takes no decision from another site, without the CSRF token, or as a form', async () => {
    const { ticket } = room.pending({}, APPROVERS)
    const body = yes(ticket)
    for (const [sent, headers] of [
      [body, { 'sec-fetch-site': 'cross-site' }],
      [body, { 'sec-fetch-site': 'same-site' }],
      [body, { origin: 'null' }],
      [body, {}],
      [{ ...body, csrfToken: undefined }, SAME_ORIGIN],
      [{ ...body, csrfToken: 'A'.repeat(43) }, SAME_ORIGIN],
    ] as const) {
      const response = await approver.postJson(decision(ticket), sent, headers)
      assert.equal(response.status, 403)
    }
    const form = await approver.post(
      decision(ticket),
      { verdict: 'approve', csrfToken },
      SAME_ORIGIN,
    )
    assert.equal(form.status, 403)
    assert.equal(room.approvals.get(ticket)?.state, 'pending')
    assert.equal(server.audit.lines.at(-1)?.event, 'review.access-denied')
    const byOrigin = await approver.postJson(decision(ticket), body, { origin: server.url })
    assert.equal(byOrigin.status, 200)
  })

  it('takes no decision that names another digest, or says what is not known', async () => {
    const { ticket } = room.pending({}, APPROVERS)
    const body = yes(ticket)
    const cases = [
      [{ ...body, digest: 'f'.repeat(64) }, 409],
      [{ ...body, digest: undefined }, 400],
      [{ ...body, verdict: 'maybe' }, 400],
      [{ ...body, more: 1 }, 400],
      [{ ...body, grantSeconds: 1e300 }, 400],
      [{ ...body, reason: ['x'] }, 400],
      [{ ...body, reason: 'é'.repeat(600) }, 400],
    ] as const
    for (const [sent, status] of cases) {
      const response = await approver.postJson(decision(ticket), sent)
      assert.equal(response.status, status, JSON.stringify(sent))
    }
    assert.equal((await approver.postJson(decision(ticket), '{"verdict":')).status, 400)
    const huge = { ...body, reason: 'x'.repeat(20_000) }
    assert.equal((await approver.postJson(decision(ticket), huge)).status, 413)
    assert.equal((await approver.postJson(decision('A'.repeat(24)), body)).status, 404)
    assert.equal((await approver.postJson(decision('../../me'), body)).status, 404)
    assert.equal(room.approvals.get(ticket)?.state, 'pending')
  })

  it('wants a sign-in younger than 15 minutes, at the provider too', async () => {
    const { ticket } = room.pending({}, APPROVERS)
    server.advance(14 * 60_000)
    await approver.get(`${server.url}/api/me`)
    server.advance(60_000)
    const response = await approver.postJson(decision(ticket), yes(ticket))
    assert.equal(response.status, 403)
    const problem = await response.json()
    assert.equal(problem.title, 'Sign in again')
    assert.equal(problem.signIn, '/login?prompt=login&returnTo=%2Fapprovals')
    // The provider still knows them and lets them in unasked: that is no new sign-in.
    await approver.post(`${server.url}/logout`, { csrfToken }, SAME_ORIGIN)
    const callback = await approver.get(`${server.url}/login`)
    const location = new URL(callback.headers.get('location') ?? '')
    const back = await approver.provide(server.url, 'approver', location)
    assert.equal((await approver.get(back)).status, 303)
    const me = await (await approver.get(`${server.url}/api/me`)).json()
    const silent = await approver.postJson(decision(ticket), {
      ...yes(ticket),
      csrfToken: me.csrfToken,
    })
    assert.equal(silent.status, 403)
    assert.equal((await silent.json()).title, 'Sign in again')
    assert.equal(room.approvals.get(ticket)?.state, 'pending')
  })

  it('shows a reviewer nothing, and lets an admin see what only others may decide', async () => {
    const { ticket } = room.pending({}, APPROVERS)
    const reviewer = new Visitor()
    await reviewer.signIn(server.url, 'reviewer')
    for (const path of [
      '/api/approvals',
      `/api/approvals/${ticket}`,
      '/api/grants',
      '/approvals',
    ]) {
      assert.equal((await reviewer.get(server.url + path)).status, 403)
    }
    const reviewersPage = await (await reviewer.get(server.url)).text()
    assert.equal(reviewersPage.includes('href="/approvals"'), false)
    const me = await (await reviewer.get(`${server.url}/api/me`)).json()
    const mine = { ...yes(ticket), csrfToken: me.csrfToken }
    assert.equal((await reviewer.postJson(decision(ticket), mine)).status, 403)

    const admin = new Visitor()
    await admin.signIn(server.url, 'admin')
    const { rows } = await (await admin.get(`${server.url}/api/approvals`)).json()
    assert.equal(rows[0].barred, 'Rule restart leaves this to sallyport-approvers.')
    const { csrfToken: token } = await (await admin.get(`${server.url}/api/me`)).json()
    const refusal = await admin.postJson(decision(ticket), { ...yes(ticket), csrfToken: token })
    assert.equal(refusal.status, 403)
    assert.equal((await refusal.json()).code, 'not-entitled')
    assert.equal((await new Visitor().get(`${server.url}/api/approvals`)).status, 401)
    assert.equal((await new Visitor().postJson(decision(ticket), mine)).status, 401)
    assert.equal(room.approvals.get(ticket)?.state, 'pending')
  })

  it('says at once when something changes, until the sign-in ends', async () => {
    const response = await approver.get(`${server.url}/api/approvals/events`)
    assert.equal(response.headers.get('content-type'), 'text/event-stream')
    assert.equal(response.headers.get('cache-control'), 'no-store')
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    assert.ok(reader)
    let heard = ''
    const pending = room.pending({}, APPROVERS)
    while (!heard.includes('event: changed')) heard += (await reader.read()).value
    await approver.post(`${server.url}/logout`, { csrfToken }, SAME_ORIGIN)
    pending.cancel('gone')
    while (!(await reader.read()).done);
  })

  it('keeps few streams for one person', async () => {
    const events = `${server.url}/api/approvals/events`
    const open = await Promise.all(Array.from({ length: 6 }, () => approver.get(events)))
    assert.equal((await approver.get(events)).status, 429)
    await open[0]?.body?.cancel()
    for (const each of open.slice(1)) await each.body?.cancel()
  })
})

describe('an app without approvals', () => {
  it('has no page for them', async () => {
    const server = await startReviewServer()
    const approver = new Visitor()
    await approver.signIn(server.url, 'approver')
    assert.equal((await approver.get(`${server.url}/approvals`)).status, 404)
    assert.equal((await approver.get(`${server.url}/api/approvals`)).status, 404)
    const page = await (await approver.get(server.url)).text()
    assert.equal(page.includes('href="/approvals"'), false)
    await server.close()
  })
})
