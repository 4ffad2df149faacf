import assert from 'node:assert/strict'
import { createRotationDesk } from '@sallyport/bastion/rotate'
import { createFreezes } from '@sallyport/bastion/calendar'
import type { Browser } from 'playwright-core'
import { openManyTargets, type ManyTargets } from '../../bastion/rotate/many.ts'
import { complaintsOf, launchChromium, signedIn } from '../support/chromium.ts'
import { startReviewServer, type ReviewServer } from '../support/review-server.ts'

const DAY = 24 * 3600 * 1000

describe('targets page', function () {
  this.timeout(180_000)
  const start = Date.now()
  const iso = (at: number): string => new Date(at).toISOString()
  let now = start
  let browser: Browser
  let server: ReviewServer
  let many: ManyTargets

  before(async () => {
    browser = await launchChromium()
    many = await openManyTargets(3, new Map([['t1', 'no-shell']]), {
      now: () => now,
      freezes: createFreezes([
        { name: 'launch', from: iso(start + DAY), until: iso(start + 2 * DAY) },
      ]),
      schedules: [
        {
          name: 'monthly',
          every: 30 * DAY,
          jitter: 0,
          stopAfter: 3,
          type: 'ed25519',
          selection: { keys: ['t0', 't2'] },
        },
      ],
    })
    const targets = createRotationDesk(many.rotations, many.targets)
    server = await startReviewServer({ app: { targets } })
  })
  after(async () => {
    await browser.close()
    await server.close()
    await many.close()
  })

  it('shows an admin each login with its key, and rotates one at the press of a button', async () => {
    const context = await signedIn(browser, server, 'admin')
    const page = await context.newPage()
    const complaints = complaintsOf(page)
    await page.goto(server.url)
    await page.getByRole('link', { name: 'Targets' }).click()
    const card = page.getByRole('region', { name: /at t0$/ })
    await card.getByText('t0, version 1').waitFor()
    await card.getByText('not looked at yet').waitFor()

    await card.getByRole('button', { name: 'Dry run of t0' }).click()
    await card.getByText('Nothing was changed; it could begin.').waitFor()
    await card.getByText(/keys$/).waitFor()
    assert.equal((await many.keysAt('t0')).length, 1)

    await card.getByRole('button', { name: 'Rotate t0' }).click()
    await card.getByText('a login with the old key was refused').waitFor()
    await card.getByText('t0, version 2').waitFor()
    await card.getByText('done', { exact: true }).waitFor()
    assert.equal((await many.keysAt('t0')).length, 1)
    assert.ok(
      server.audit.lines.some(
        ({ event, detail }) => event === 'review.rotation-asked' && detail['key'] === 't0',
      ),
    )

    const broken = page.getByRole('region', { name: /at t1$/ })
    await broken.getByRole('button', { name: 'Dry run of t1' }).click()
    await broken.getByText(/cannot: no POSIX shell answers there/).waitFor()
    assert.deepEqual(complaints, [])

    for (const width of [360, 800, 1400]) {
      await page.setViewportSize({ width, height: 900 })
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      )
      assert.equal(overflow, 0, `${width} pixels`)
    }
    await context.close()
  })

  it('shows what others begin, and what became of it, without being asked', async () => {
    const context = await signedIn(browser, server, 'admin')
    const page = await context.newPage()
    await page.goto(`${server.url}/targets`)
    const card = page.getByRole('region', { name: /at t2$/ })
    await card.getByText(/, by schedule monthly$/).waitFor()
    await page.getByText('live', { exact: true }).waitFor()
    const plan = card.getByRole('button', { name: 'Dry run of t2' })
    await plan.focus()
    await many.rotations.start({ keys: ['t2'] }, { by: 'somebody else', stopAfter: 1 })
    await card.getByText('t2, version 2').waitFor()
    await card.getByText('done', { exact: true }).waitFor()
    assert.equal(await plan.evaluate((button) => button === document.activeElement), true)

    const broken = page.getByRole('region', { name: /at t1$/ })
    await broken.getByText('by hand').waitFor()
    await broken.getByRole('button', { name: 'Rotate t1' }).click()
    await broken.getByText(/^Last run: refused: .*no POSIX shell answers there/).waitFor()
    await broken.getByRole('button', { name: 'Rotate t1', disabled: false }).waitFor()
    await context.close()
  })

  it('says that nothing is begun in a freeze, and begins nothing', async () => {
    now = start + DAY
    const context = await signedIn(browser, server, 'admin')
    const page = await context.newPage()
    await page.goto(`${server.url}/targets`)
    await page.getByText(/^Freeze launch: no rotation begins until /).waitFor()
    const card = page.getByRole('region', { name: /at t0$/ })
    await card.getByRole('button', { name: 'Rotate t0' }).click()
    await page
      .getByRole('alert')
      .getByText(/freeze launch: frozen until/)
      .waitFor()
    assert.equal(many.rotations.runs().filter(({ state }) => state === 'running').length, 0)
    await context.close()
    now = start
  })

  it('is for admins alone, and takes no change from elsewhere', async () => {
    const context = await signedIn(browser, server, 'approver')
    const page = await context.newPage()
    await page.goto(server.url)
    assert.equal(await page.getByRole('link', { name: 'Targets' }).count(), 0)
    assert.equal((await page.goto(`${server.url}/targets`))?.status(), 403)
    const answers = await page.evaluate(async () => {
      const post = (path: string): Promise<Response> =>
        fetch(path, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ csrfToken: 'x' }),
        })
      const all = [
        await fetch('/api/targets'),
        await fetch('/api/targets/events'),
        await post('/api/targets/keys/t0/rotate'),
        await post('/api/targets/keys/t0/plan'),
      ]
      return all.map(({ status }) => status)
    })
    assert.deepEqual(answers, [403, 403, 403, 403])
    await context.close()
    const admin = await signedIn(browser, server, 'admin')
    const other = await admin.newPage()
    await other.goto(server.url)
    const status = await other.evaluate(async () => {
      const answer = await fetch('/api/targets/keys/t0/rotate', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ csrfToken: 'x' }),
      })
      return answer.status
    })
    assert.equal(status, 403)
    await admin.close()
  })
})
