import assert from 'node:assert/strict'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { complaintsOf, launchChromium, screenText, signedIn, tab } from '../support/chromium.ts'
import { START, cast, channelRow, commandRow, recordingRow } from '../support/recordings.ts'
import { startReviewServer } from '../support/review-server.ts'
import type { ReviewServer } from '../support/review-server.ts'

const ID = 'rec_replay_1'
const HOSTILE = '<img src=x onerror=alert(1)><script>alert(2)</script>'

describe('replay page', () => {
  let browser: Browser
  let server: ReviewServer
  let context: BrowserContext

  before(async () => {
    browser = await launchChromium()
    server = await startReviewServer()
    context = await signedIn(browser, server)
    server.catalog.add({
      recording: recordingRow({ id: ID, commands: 3, denied: 1, claims: { [HOSTILE]: HOSTILE } }),
      channels: [
        channelRow({ kind: 'shell', command: undefined, pty: true }),
        channelRow({ channel: 1, command: 'second channel', exitStatus: 2, truncated: true }),
        channelRow({ channel: 2, command: 'true' }),
      ],
      commands: [
        commandRow({ text: 'first-command', offset: 1, at: START + 1000 }),
        commandRow({
          text: `rm ${HOSTILE}`,
          offset: 60,
          at: START + 60_000,
          effect: 'deny',
          rule: 'no-rm',
          message: `Never. ${HOSTILE}`,
        }),
        commandRow({ text: 'typed', offset: 61, at: START + 61_000, judged: false, rule: '' }),
        commandRow({ channel: 1, text: 'second channel', offset: 0, at: START + 70_000 }),
      ],
    })
    server.casts.texts.set(
      `${ID}/0`,
      cast([
        [1, 'o', '$ first-command\r\nalpha\r\n'],
        [29, 'm', `note \u202e${HOSTILE}`],
        [30, 'c', JSON.stringify({ text: 'rm', effect: 'deny', rule: 'no-rm', argv: [['rm']] })],
        [0, 'm', HOSTILE],
        [
          0,
          'o',
          `$ rm\r\nbravo \u001b]0;${HOSTILE}\u0007\u001b]8;;javascript:alert(3)\u0007link\r\n`,
        ],
        [1, 'o', 'charlie\r\n'],
        [2, 'c', JSON.stringify({ text: 'x', effect: 'allow', rule: 'r', argv: [['x']] })],
        [0, 'm', 'only the cast knows this command'],
        [1, 'g', JSON.stringify({ kind: 'torn', bytes: 12 })],
        [1, 'o', 'delta\r\n'],
        [0, 'x', '0'],
      ]),
    )
    server.casts.texts.set(`${ID}/1`, cast([[0.1, 'o', 'from the second channel']]))
    server.casts.texts.set(`${ID}/2`, cast([]))
  })

  after(async () => {
    await browser.close()
    await server.close()
  })

  async function open(query = ''): Promise<{ page: Page; complaints: string[] }> {
    const page = await tab(context)
    const complaints = complaintsOf(page)
    await page.goto(`${server.url}/sessions/${ID}${query}`)
    await page.locator('.ap-term-text').waitFor({ state: 'attached' })
    return { page, complaints }
  }

  it('renders what the cast printed and seeks to a chapter, without one violation', async () => {
    const { page, complaints } = await open()
    await page.getByRole('button', { name: /first-command/ }).click()
    const first = await screenText(page, 'alpha')
    assert.equal(first.includes('bravo'), false)
    await page.getByRole('button', { name: /no-rm/ }).click()
    const second = await screenText(page, 'bravo')
    assert.equal(second.includes('charlie'), false)
    await page.getByRole('button', { name: /typed/ }).click()
    await screenText(page, 'charlie')
    await page.getByRole('button', { name: /first-command/ }).click()
    await page.waitForFunction(() => {
      const screen = document.querySelector('.ap-term-text')?.textContent ?? ''
      return screen.includes('alpha') && !screen.includes('bravo')
    })
    assert.deepEqual(complaints, [])
  })

  it('lists commands by their decision, and markers between them', async () => {
    const { page } = await open()
    const chapters = page.locator('.chapter')
    await chapters.nth(6).waitFor()
    const words = await chapters.locator('.chip').allInnerTexts()
    assert.deepEqual(words, [
      'allowed',
      'marker',
      'denied',
      'not judged',
      'allowed',
      'gap',
      'allowed',
      'exit 2',
    ])
    await page.getByLabel('Denied only').check()
    assert.equal(await page.locator('.chapter:visible').count(), 1)
  })

  it('shows hostile text as text and runs none of it', async () => {
    const { page, complaints } = await open()
    const denied = page.locator('.chapter-deny')
    assert.equal(await denied.locator('code').innerText(), `rm ${HOSTILE}`)
    assert.equal(await denied.locator('.chapter-note').innerText(), `rule no-rm: Never. ${HOSTILE}`)
    const marker = page.locator('.chapter-marker code')
    assert.equal(await marker.innerText(), `note <U+202E>${HOSTILE}`)
    await page.getByText('Identity and claims').click()
    assert.equal(await page.locator('.claims dt').last().innerText(), HOSTILE)
    await denied.getByRole('button').click()
    await screenText(page, 'link')
    assert.equal(await page.locator('main img, main script, .stage a').count(), 0)
    assert.equal(page.url().startsWith(server.url), true)
    assert.deepEqual(complaints, [])
  })

  it('keeps chapters on their place when idle time is skipped, and when the pace changes', async () => {
    const { page, complaints } = await open()
    await page.getByLabel('Skip idle').check()
    await page.getByRole('button', { name: /no-rm/ }).click()
    const text = await screenText(page, 'bravo')
    assert.equal(text.includes('charlie'), false)
    await page.getByLabel('Speed').selectOption('4')
    await screenText(page, 'bravo')
    const elapsed = await page.locator('.ap-time-elapsed').textContent()
    assert.equal(elapsed, '00:03') // one second, and two of the 59 that were idle
    assert.deepEqual(complaints, [])
  })

  it('changes channel for a command of another, and says how that one ended', async () => {
    const { page } = await open()
    await page
      .locator('.chapter')
      .getByRole('button', { name: /second channel/ })
      .click()
    await screenText(page, 'from the second channel')
    const viewer = await page.locator('.viewer').innerText()
    assert.match(viewer, /exit 2/)
    assert.match(viewer, /recording limit was reached/)
  })

  it('says so when a channel printed nothing', async () => {
    const { page, complaints } = await open()
    await page.locator('.picker').getByRole('button', { name: '2 true' }).click()
    await page.getByText('This channel printed nothing.').waitFor()
    assert.deepEqual(complaints, [])
  })

  it('opens at the channel and time of its address', async () => {
    const { page } = await open('?channel=0&t=60.5')
    const text = await screenText(page, 'bravo')
    assert.equal(text.includes('charlie'), false)
  })

  it('marks the chapter that plays', async () => {
    const { page } = await open('?t=61.2')
    await page.locator('.chapter-unjudged[aria-current=true]').waitFor()
    assert.equal(await page.locator('[aria-current]').count(), 1)
  })

  it('downloads the raw recording as a file, and hides that from an approver', async () => {
    const { page } = await open()
    const link = page.getByRole('link', { name: 'Download the raw recording' })
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()])
    assert.equal(download.suggestedFilename(), `${ID}-0.cast`)
    assert.ok(server.audit.events().includes('review.raw-downloaded'))
    const other = await signedIn(browser, server, 'approver')
    const theirs = await other.newPage()
    await theirs.goto(`${server.url}/sessions/${ID}`)
    await theirs.locator('.ap-term-text').waitFor({ state: 'attached' })
    assert.equal(await theirs.getByText('Download the raw recording').count(), 0)
    await other.close()
  })

  it('says when there is no such session', async () => {
    const page = await tab(context)
    await page.goto(`${server.url}/sessions/rec_unknown1`)
    await page.getByText('No recording has this id and channel.').waitFor()
  })

  it('says when the recording cannot be read', async () => {
    const { page } = await open()
    server.casts.texts.delete(`${ID}/1`)
    await page
      .locator('.picker')
      .getByRole('button', { name: /second channel/ })
      .click()
    await page.locator('.stage [role=alert]').waitFor()
    server.casts.texts.set(`${ID}/1`, cast([[0.1, 'o', 'from the second channel']]))
  })

  for (const width of [360, 800, 1280]) {
    it(`fits ${width} pixels`, async () => {
      const { page } = await open()
      await page.setViewportSize({ width, height: 800 })
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width)
    })
  }
})
