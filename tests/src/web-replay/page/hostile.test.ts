import assert from 'node:assert/strict'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { complaintsOf, launchChromium, screenText, signedIn } from '../support/chromium.ts'
import { channelRow, recordingRow } from '../support/recordings.ts'
import { startReviewServer, type ReviewServer } from '../support/review-server.ts'

const HEADER = '{"version":3,"term":{"cols":80,"rows":24}}\n'
const ESC = '\u001b'

function line(interval: number, code: string, text: string): string {
  return `${JSON.stringify([interval, code, text])}\n`
}

const many = (count: number, make: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => make(at)).join('')

describe('hostile recordings', () => {
  let browser: Browser
  let server: ReviewServer
  let context: BrowserContext
  let page: Page
  let complaints: string[]
  let made = 0

  before(async () => {
    browser = await launchChromium()
    server = await startReviewServer()
    context = await signedIn(browser, server)
    page = await context.newPage()
    complaints = complaintsOf(page)
  })

  after(async () => {
    await browser.close()
    await server.close()
  })

  /** Opens a recording, and jumps to its end. */
  async function open(cast: string): Promise<string> {
    made += 1
    const id = `rec_hostile${made}`
    server.catalog.add({ recording: recordingRow({ id }), channels: [channelRow({ pty: true })] })
    server.casts.texts.set(`${id}/0`, cast)
    await page.goto(`${server.url}/sessions/${id}?t=86400`)
    await page.locator('.strip svg').waitFor()
    return id
  }

  const notes = (): Promise<string> => page.locator('.notes').innerText()

  it('a storm of new sizes is shown as few, and said', async () => {
    await open(
      HEADER +
        many(20_000, (at) => line(0.0001, 'r', `${at % 2 ? 500 : 20}x${at % 200}`)) +
        line(1, 'o', 'calm'),
    )
    await screenText(page, 'calm')
    assert.match(await notes(), /changed its size too often/)
  })

  it('sequences without number or end leave the page alive, and are said', async () => {
    const huge = 'bSTLMIPX@'.split('').map((final) => `x${ESC}[2000000000${final}`)
    const endless = `${ESC}]0;${'A'.repeat(200_000)}`
    await open(
      HEADER +
        huge.map((text) => line(0.1, 'o', text)).join('') +
        many(2000, () => line(0.001, 'o', `${ESC}[999999999;999999999H${ESC}#8${ESC}c`)) +
        line(0.1, 'o', endless) +
        line(0.1, 'o', `\u0007${ESC}cstill here`),
    )
    await screenText(page, 'still here')
    assert.match(await notes(), /control string without an end/)
  })

  it('titles, links and clipboard sequences with script do nothing', async () => {
    const script = '<img src=x onerror=alert(1)><script>alert(2)</script>'
    await open(
      HEADER +
        line(0.1, 'o', `${ESC}]0;${script}\u0007${ESC}]2;javascript:alert(3)${ESC}\\`) +
        line(0.1, 'o', `${ESC}]8;;javascript:alert(4)\u0007press me${ESC}]8;;\u0007`) +
        line(0.1, 'o', `${ESC}]52;c;${Buffer.from(script).toString('base64')}\u0007`) +
        line(0.1, 'm', `\u202e${script}`) +
        line(0.1, 'o', `\r\n${script}\r\n`),
    )
    await screenText(page, 'press me')
    assert.equal(await page.locator('main img, main script, .stage a').count(), 0)
    assert.match(await page.locator('.chapter').innerText(), /<U\+202E><img/)
    await page.locator('.transcript code').first().waitFor()
    assert.equal((await page.locator('.transcript code').allTextContents()).at(-1), script)
    assert.equal(await page.title(), 'deploy@web-1 · Sallyport')
  })

  it('a torn end and garbage in between are left out, and said', async () => {
    await open(
      `${HEADER}${line(1, 'o', 'good')}not json\n[-5,"o","x"]\n${line(1, 'o', ' end')}[1,"o","to`,
    )
    await screenText(page, 'good end')
    const text = await notes()
    assert.match(text, /2 of its lines cannot be read/)
    assert.match(text, /10 bytes of an unfinished line/)
  })

  it('a million columns are shown as fewer, and said', async () => {
    const note = line(0, 'n', '{"kind":"term","cols":1000000,"rows":1000000}')
    await open(`{"version":3,"term":{"cols":65535,"rows":65535}}\n${note}${line(1, 'o', 'wide')}`)
    await screenText(page, 'wide')
    assert.match(await notes(), /1000000 by 1000000/)
    await open(`{"version":3,"term":{"cols":1000000,"rows":1000000}}\n${line(1, 'o', 'no header')}`)
    await screenText(page, 'no header')
    assert.match(await notes(), /header of this recording cannot be read/)
  })

  it('and through all of it no policy was violated and nothing broke', () => {
    assert.deepEqual(complaints, [])
  })
})
