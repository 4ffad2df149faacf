import assert from 'node:assert/strict'
import type { Browser, BrowserContext } from 'playwright-core'
import { complaintsOf, launchChromium, signedIn, signedInByHand, tab } from '../support/chromium.ts'
import { START, recordingRow } from '../support/recordings.ts'
import { startReviewServer } from '../support/review-server.ts'
import type { ReviewServer } from '../support/review-server.ts'

describe('list page', () => {
  let browser: Browser
  let server: ReviewServer
  let context: BrowserContext

  before(async () => {
    browser = await launchChromium()
    server = await startReviewServer({ app: { banner: 'Demonstration' } })
    context = await signedIn(browser, server)
  })

  after(async () => {
    await browser.close()
    await server.close()
  })

  it('helps when nothing has been recorded', async () => {
    const page = await tab(context)
    const complaints = complaintsOf(page)
    await page.goto(server.url)
    await page.getByText('No sessions yet').waitFor()
    assert.match(await page.locator('#sessions').innerText(), /ssh -J BASTION/)
    assert.deepEqual(complaints, [])
  })

  it('shows sessions newest first, with decisions, result and both time zones', async () => {
    server.catalog.add({
      recording: recordingRow({
        commands: 3,
        denied: 1,
        firstChannel: {
          kind: 'exec',
          activity: 'exec',
          command: 'systemctl restart payments',
          exitStatus: 126,
        },
      }),
    })
    server.catalog.add({
      recording: recordingRow({
        id: 'rec_00000002',
        startedAt: START + 60_000,
        endedAt: undefined,
        status: 'running',
        firstChannel: { kind: 'shell', activity: 'shell' },
      }),
    })
    const page = await tab(context)
    const complaints = complaintsOf(page)
    await page.goto(server.url)
    await page.locator('tbody tr').first().waitFor()
    const rows = await page.locator('tbody tr').allInnerTexts()
    assert.equal(rows.length, 2)
    assert.match(rows[0] ?? '', /shell.*running/s)
    assert.match(
      rows[1] ?? '',
      /deploy@web-1\s+systemctl restart payments\s+3 commands\s+1 denied\s+exit 126\s+12 s/,
    )
    const time = page.locator('tbody tr').nth(1).locator('time')
    assert.equal(await time.getAttribute('title'), '2026-11-23 09:30:00 UTC')
    assert.equal(await time.getAttribute('datetime'), '2026-11-23T09:30:00.000Z')
    assert.match(await time.innerText(), /10:30:00/) // Europe/Berlin
    assert.deepEqual(complaints, [])
    await page
      .locator('tbody tr')
      .first()
      .click({ position: { x: 300, y: 10 } })
    await page.waitForURL(`${server.url}/sessions/rec_00000002`)
  })

  it('shows hostile names as text', async () => {
    const hostile = '<img src=x onerror=alert(1)>"\'><script>alert(2)</script>'
    server.catalog.add({
      recording: recordingRow({
        id: 'rec_00000003',
        startedAt: START + 120_000,
        identity: hostile,
        target: `\u202e${hostile}`,
        subject: hostile,
        firstChannel: { kind: hostile, activity: hostile, command: `${hostile}\u001b[2J` },
      }),
    })
    const page = await tab(context)
    const complaints = complaintsOf(page)
    await page.goto(server.url)
    const row = page.locator('tbody tr').first()
    await row.waitFor()
    assert.equal(await row.locator('.identity').innerText(), hostile)
    assert.equal(await row.locator('.target').innerText(), `deploy@<U+202E>${hostile}`)
    assert.equal(await row.locator('.command').innerText(), `${hostile}␛[2J`)
    assert.equal(await page.locator('#sessions img, #sessions script').count(), 0)
    assert.deepEqual(complaints, [])
  })

  it('pages to older sessions and back', async () => {
    for (let index = 0; index < 60; index += 1) {
      const id = `old_${String(index).padStart(8, '0')}`
      server.catalog.add({ recording: recordingRow({ id, startedAt: START - index * 1000 - 1 }) })
    }
    const page = await tab(context)
    await page.goto(server.url)
    await page.getByRole('link', { name: 'Older' }).click()
    await page.getByRole('link', { name: 'Newest' }).waitFor()
    assert.equal(await page.locator('tbody tr').count(), 13)
    assert.equal(await page.getByRole('link', { name: 'Older' }).count(), 0)
    await page.getByRole('link', { name: 'Newest' }).click()
    await page.waitForURL(`${server.url}/`)
  })

  for (const width of [360, 800, 1280]) {
    it(`fits ${width} pixels`, async () => {
      const page = await tab(context)
      await page.setViewportSize({ width, height: 800 })
      await page.goto(server.url)
      await page.locator('tbody tr').first().waitFor()
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width)
    })
  }

  it('sends a reviewer whose sign-in ended to sign in, and back to where they were', async () => {
    const page = await tab(context)
    await page.goto(server.url)
    await page.locator('tbody tr').first().waitFor()
    server.advance(31 * 60_000)
    await page.reload()
    await page.locator('tbody tr').first().waitFor() // the provider still knows them
    assert.equal(page.url(), `${server.url}/`)
  })

  it('signs out with the button, for good', async () => {
    const own = await signedInByHand(browser, server, 'admin')
    const page = await own.newPage()
    const complaints = complaintsOf(page)
    await page.goto(server.url)
    const cookies = await own.cookies()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL(`${server.url}/signed-out`)
    await page.getByText('You are signed out').waitFor()
    assert.deepEqual(complaints, [])
    assert.equal(
      (await own.cookies()).some(({ name }) => name === '__Host-sid'),
      false,
    )
    await own.addCookies(cookies)
    const response = await own.request.get(`${server.url}/api/me`)
    assert.equal(response.status(), 401)
    await own.close()
  })

  it('is not shown in a frame', async () => {
    const page = await tab(context)
    const complaints = complaintsOf(page)
    await page.route(`${server.url}/framing`, (route) =>
      route.fulfill({ contentType: 'text/html', body: `<iframe src="${server.url}/"></iframe>` }),
    )
    const refusal = page.waitForEvent('console', { predicate: isFrameRefusal, timeout: 5000 })
    await Promise.all([refusal, page.goto(`${server.url}/framing`)])
    assert.ok(complaints.some((text) => text.includes("frame-ancestors 'none'")))
    assert.equal(await page.frameLocator('iframe').locator('#sessions').count(), 0)
  })
})

function isFrameRefusal(message: { text(): string }): boolean {
  return message.text().includes('frame-ancestors')
}
