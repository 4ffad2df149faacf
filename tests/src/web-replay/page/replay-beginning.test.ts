import { LazyScreen, makeBeginning, makeOutline, type Outline } from '@sallyport/recorder/replay'
import assert from 'node:assert/strict'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { complaintsOf, launchChromium, screenText, signedIn, tab } from '../support/chromium.ts'
import { cast, channelRow, recordingRow, replayOf, TestCasts } from '../support/recordings.ts'
import { startReviewServer, type ReviewServer } from '../support/review-server.ts'

const ID = 'rec_beginning_1'
const PART = 1200

describe('replay of a recording that is still gone through', () => {
  let browser: Browser
  let server: ReviewServer
  let context: BrowserContext
  let beginning: Outline
  let whole: Outline
  let isDone = false

  before(async () => {
    browser = await launchChromium()
    const casts = new TestCasts()
    const text = cast(
      Array.from({ length: 100 }, (_, at) => [1, 'o', `line-${at + 1}-\r\n`] as const),
    )
    casts.texts.set(`${ID}/0`, text)
    const source = replayOf(casts)
    const bytes = Buffer.from(text)
    async function* chunks(): AsyncGenerator<Buffer> {
      yield bytes
    }
    const made = await makeBeginning(chunks(), PART)
    assert.ok(made !== undefined)
    beginning = made
    const screen = new LazyScreen()
    whole = await makeOutline(chunks(), { size: bytes.length, partBytes: PART, screen })
    const outline = async () =>
      isDone
        ? ({ kind: 'outline', outline: whole } as const)
        : ({ kind: 'outline', outline: beginning, done: 0.3 } as const)
    server = await startReviewServer({ app: { replay: { ...source, outline } } })
    server.catalog.add({ recording: recordingRow({ id: ID }), channels: [channelRow()] })
    context = await signedIn(browser, server)
  })

  beforeEach(() => {
    isDone = false
  })

  after(async () => {
    await browser.close()
    await server.close()
  })

  async function open(query = ''): Promise<{ page: Page; complaints: string[] }> {
    const page = await tab(context)
    const complaints = complaintsOf(page)
    await page.goto(`${server.url}/sessions/${ID}${query}`)
    return { page, complaints }
  }

  it('shows the beginning at once, and all of it when that is done, at the same moment', async () => {
    const { page, complaints } = await open()
    await screenText(page, 'line-1-')
    await page.getByText('The beginning; the rest is being prepared: 30 %').waitFor()
    const strip = page.locator('.strip')
    assert.equal(await strip.getAttribute('aria-valuemax'), beginning.duration.toFixed(1))
    await page.keyboard.press('ArrowRight')
    await screenText(page, 'line-5-')
    isDone = true
    await page.getByText('the rest is being prepared').waitFor({ state: 'hidden' })
    const text = await screenText(page, 'line-5-')
    assert.equal(text.includes('line-6-'), false)
    await strip.focus()
    await page.keyboard.press('End')
    await screenText(page, 'line-100-')
    assert.deepEqual(complaints, [])
  })

  it('waits for a moment that is not in the beginning', async () => {
    const { page, complaints } = await open('?t=80.5')
    await page.getByText('Preparing this large recording: 30 %').waitFor()
    assert.equal(await page.locator('.ap-term-text').count(), 0)
    isDone = true
    const text = await screenText(page, 'line-80-')
    assert.equal(text.includes('line-81-'), false)
    assert.deepEqual(complaints, [])
  })
})
