import assert from 'node:assert/strict'
import { createApprovalDesk } from '@sallyport/bastion/approve'
import type { Pending } from '@sallyport/bastion/approve'
import type { ApprovalTerms } from '@sallyport/bastion/decide'
import type { Browser } from 'playwright-core'
import { Room } from '../../bastion/approve/support/room.ts'
import { launchChromium, signedIn } from '../support/chromium.ts'
import { startReviewServer } from '../support/review-server.ts'
import type { ReviewServer } from '../support/review-server.ts'
import { Visitor } from '../support/visitor.ts'

const TERMS: Partial<ApprovalTerms> = {
  by: { groups: ['sallyport-approvers'], identities: [] },
  ttl: 3600,
  grant: 600,
}
const SCOPES = [
  { groups: ['team-shop'], targets: ['shop-1', 'shop-2'] },
  { groups: ['team-pay'], targets: ['pay-1'] },
]

interface Approver {
  readonly visitor: Visitor
  readonly csrfToken: string
}

describe('scopes of approvers', () => {
  let room: Room
  let server: ReviewServer
  let shop: Approver
  let pay: Approver
  let admin: Approver
  let outside: Approver
  let held: Pending

  beforeEach(async () => {
    room = new Room({ now: Date.now })
    const approvals = createApprovalDesk(room.approvals)
    server = await startReviewServer({ app: { approvals, scopes: SCOPES } })
    shop = await signIn('shopApprover')
    pay = await signIn('payApprover')
    admin = await signIn('admin')
    outside = await signIn('approver')
    held = room.pending({ target: 'shop-1' }, TERMS)
    server.audit.lines.splice(0)
  })

  afterEach(async () => {
    await server.close()
    room.end()
  })

  async function signIn(account: string): Promise<Approver> {
    const visitor = new Visitor()
    await visitor.signIn(server.url, account)
    const me = await (await visitor.get(`${server.url}/api/me`)).json()
    return { visitor, csrfToken: Object(me).csrfToken }
  }

  async function waiting({ visitor }: Approver): Promise<unknown> {
    const page = await (await visitor.get(`${server.url}/api/approvals`)).json()
    assert.equal(page.total, page.rows.length)
    return page.rows.map((row: { target: string }) => row.target)
  }

  async function granted({ visitor }: Approver): Promise<unknown> {
    const page = await (await visitor.get(`${server.url}/api/grants`)).json()
    return page.rows.map((row: { target: string }) => row.target)
  }

  function decide(approver: Approver, ticket: string, values: object = {}): Promise<Response> {
    const digest = room.approvals.get(ticket)?.digest ?? 'f'.repeat(64)
    const body = { verdict: 'approve', digest, csrfToken: approver.csrfToken, ...values }
    return approver.visitor.postJson(`${server.url}/api/approvals/${ticket}/decision`, body)
  }

  it('show and count what waits at their own targets alone; admins see all', async () => {
    room.pending({ target: 'pay-1' }, TERMS)
    assert.deepEqual(await waiting(shop), ['shop-1'])
    assert.deepEqual(await waiting(pay), ['pay-1'])
    assert.deepEqual(await waiting(outside), [])
    assert.deepEqual(await waiting(admin), ['shop-1', 'pay-1'])
  })

  it('make what is out of them unknown, in the words for what never was', async () => {
    const unknown = 'A'.repeat(24)
    for (const path of ['', '/decision']) {
      const answers = await Promise.all(
        [held.ticket, unknown].map((ticket) =>
          path === ''
            ? pay.visitor.get(`${server.url}/api/approvals/${ticket}`)
            : decide(pay, ticket),
        ),
      )
      for (const answer of answers) assert.equal(answer.status, 404)
      const [hidden, never] = await Promise.all(answers.map((answer) => answer.text()))
      assert.equal(hidden, never)
    }
    assert.equal((await shop.visitor.get(`${server.url}/api/approvals/${held.ticket}`)).status, 200)
  })

  it('let nobody decide out of them, although the rule would; and the attempt is written down', async () => {
    for (const verdict of ['approve', 'refuse']) {
      assert.equal((await decide(pay, held.ticket, { verdict })).status, 404)
      assert.equal((await decide(outside, held.ticket, { verdict })).status, 404)
    }
    assert.equal(room.approvals.get(held.ticket)?.state, 'pending')
    assert.equal(room.approvals.get(held.ticket)?.approvals.length, 0)
    const [line] = server.audit.lines
    assert.equal(line?.event, 'review.access-denied')
    assert.equal(line?.detail['ticket'], held.ticket)
    assert.equal((await decide(shop, held.ticket)).status, 200)
    assert.equal((await held.outcome).kind, 'approved')
  })

  it('hide grants at other targets, and let nobody there take one back', async () => {
    assert.equal((await decide(shop, held.ticket, { grantSeconds: 600 })).status, 200)
    assert.deepEqual(await granted(shop), ['shop-1'])
    assert.deepEqual(await granted(pay), [])
    assert.deepEqual(await granted(outside), [])
    const [grant] = room.approvals.grants()
    const revoke = ({ visitor, csrfToken }: Approver): Promise<Response> =>
      visitor.postJson(`${server.url}/api/grants/${grant?.id}/revoke`, { csrfToken })
    assert.equal((await revoke(pay)).status, 404)
    assert.equal(room.approvals.grants().length, 1)
    assert.equal((await revoke(shop)).status, 200)
    assert.deepEqual(room.approvals.grants(), [])
  })

  it('keep the live stream silent about other targets', async () => {
    const open = async ({ visitor }: Approver): Promise<() => Promise<string>> => {
      const response = await visitor.get(`${server.url}/api/approvals/events`)
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
      assert.ok(reader)
      return async () => (await reader.read()).value ?? ''
    }
    const [hearPay, hearShop] = [await open(pay), await open(shop)]
    assert.equal(await hearPay(), 'retry: 3000\n\n')
    assert.equal(await hearShop(), 'retry: 3000\n\n')
    room.pending({ target: 'shop-2' }, TERMS)
    assert.match(await hearShop(), /^event: changed/)
    // Had the other stream been told of shop-2, it would hear of two changes, not of one.
    room.pending({ target: 'pay-1' }, TERMS)
    const heard = await hearPay()
    const rest = new Promise((resolve) => setTimeout(resolve, 400)).then(() => '')
    assert.equal(heard + (await Promise.race([hearPay(), rest])), 'event: changed\ndata:\n\n')
  })

  describe('on the page', () => {
    let browser: Browser

    before(async () => {
      browser = await launchChromium()
    })

    after(async () => {
      await browser.close()
    })

    it('are what the title counts', async () => {
      const titles = []
      for (const [account, text] of [
        ['shopApprover', '1 command waiting'],
        ['payApprover', 'Nothing waits'],
      ] as const) {
        const context = await signedIn(browser, server, account)
        const page = await context.newPage()
        await page.goto(`${server.url}/approvals`)
        await page.getByText(text).waitFor()
        titles.push(await page.title())
        assert.equal(await page.locator('.held').count(), account === 'shopApprover' ? 1 : 0)
        await page.goto(`${server.url}/approvals/${held.ticket}`)
        await page.getByText('live', { exact: true }).waitFor()
        const missing = await page.getByText('No such request').count()
        assert.equal(missing, account === 'shopApprover' ? 0 : 1)
        await context.close()
      }
      assert.deepEqual(titles, ['(1) Approvals · Sallyport', 'Approvals · Sallyport'])
    })
  })
})
