import assert from 'node:assert/strict'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { violationsOf } from '../support/accessibility.ts'
import { complaintsOf, launchChromium, signedIn, tab } from '../support/chromium.ts'
import { START, cast, channelRow, commandRow, recordingRow } from '../support/recordings.ts'
import { ROLES, startReviewServer, type ReviewServer } from '../support/review-server.ts'

const A = 'rec_compare_a'
const B = 'rec_compare_b'
const HIDDEN = 'rec_compare_hidden'
const PATH = `/sessions/compare?a=${A}&b=${B}`

describe('two sessions side by side', () => {
  let browser: Browser
  let server: ReviewServer
  let context: BrowserContext

  before(async () => {
    browser = await launchChromium()
    const scopes = [{ groups: ROLES.reviewer, targets: ['web-1', 'web-2'] }]
    server = await startReviewServer({ app: { scopes } })
    context = await signedIn(browser, server)
    const base = commandRow({ text: 'same', offset: 1 })
    server.catalog.add({
      recording: recordingRow({ id: A }),
      channels: [channelRow({ kind: 'shell', pty: true, command: undefined })],
      commands: [base, commandRow({ text: 'restart', offset: 20 })],
    })
    server.catalog.add({
      recording: recordingRow({ id: B, target: 'web-2', startedAt: START + 5000, denied: 1 }),
      channels: [
        channelRow({ command: 'first channel', startedAt: START + 5000 }),
        channelRow({ channel: 1, command: 'second channel' }),
      ],
      commands: [
        base,
        commandRow({ text: 'restart', offset: 15, effect: 'deny' }),
        commandRow({ text: 'rm <b>x</b>', offset: 16 }),
      ],
    })
    server.catalog.add({
      recording: recordingRow({ id: HIDDEN, target: 'db-1', login: 'secret-login' }),
      channels: [channelRow()],
    })
    const lines = (name: string, count: number): [number, string, string][] =>
      Array.from({ length: count }, (_, at) => [1, 'o', `${name}-${at + 1}\r\n`])
    server.casts.texts.set(`${A}/0`, cast(lines('alpha', 40)))
    server.casts.texts.set(`${B}/0`, cast(lines('bravo', 25)))
    server.casts.texts.set(`${B}/1`, cast([[0.1, 'o', 'other channel']]))
    server.casts.texts.set(`${HIDDEN}/0`, cast(lines('hidden', 3)))
  })

  after(async () => {
    await browser.close()
    await server.close()
  })

  async function open(path = PATH): Promise<{ page: Page; complaints: string[] }> {
    const page = await tab(context)
    const complaints = complaintsOf(page)
    await page.goto(server.url + path)
    await page.locator('.ap-term-text').nth(1).waitFor({ state: 'attached' })
    return { page, complaints }
  }

  /** Waits until each screen ends in the line that it should end in. */
  async function showing(page: Page, last: readonly [a: string, b: string]): Promise<void> {
    await page.waitForFunction((wanted) => {
      const screens = [...document.querySelectorAll('.ap-term-text')]
      const ends = screens.map((each) => each.textContent?.match(/[a-z]+-\d+(?!.*-\d)/s)?.[0])
      return ends.every((end, at) => end === wanted[at])
    }, last)
  }

  it('go to the same moment by a command of either, without one violation', async () => {
    const { page, complaints } = await open()
    await page
      .locator('.side')
      .nth(0)
      .getByRole('button', { name: /restart/ })
      .click()
    await showing(page, ['alpha-20', 'bravo-20'])
    await page
      .locator('.side')
      .nth(1)
      .getByRole('button', { name: /restart/ })
      .click()
    await showing(page, ['alpha-15', 'bravo-15'])
    await page.keyboard.press('ArrowRight')
    await showing(page, ['alpha-20', 'bravo-20'])
    await page.keyboard.press('{')
    await showing(page, ['alpha-15', 'bravo-15'])
    assert.deepEqual(complaints, [])
    assert.deepEqual(await violationsOf(page), [])
  })

  it('can be laid side by side by the time of day, and played alone', async () => {
    const { page } = await open()
    await page.getByLabel('Lay them side by side').selectOption('clock')
    await page
      .locator('.side')
      .nth(0)
      .getByRole('button', { name: /restart/ })
      .click()
    await showing(page, ['alpha-20', 'bravo-15'])
    await page.getByLabel('Together').uncheck()
    await page.locator('.side').nth(1).getByRole('button', { name: /same/ }).click()
    await showing(page, ['alpha-20', 'bravo-1'])
  })

  it('play and pause together', async () => {
    const { page, complaints } = await open()
    await page.getByLabel('Speed').selectOption('4')
    await page.getByRole('button', { name: 'Play both' }).click()
    await page.waitForFunction(() => {
      const screens = [...document.querySelectorAll('.ap-term-text')]
      return screens.every((screen) => screen.textContent?.includes('-8'))
    })
    await page.getByRole('button', { name: 'Pause both' }).click()
    await page.getByRole('button', { name: 'Play both' }).waitFor()
    const times = await page.locator('.side-time').allInnerTexts()
    const seconds = times.map((text) => Number(/:(\d+) of/.exec(text)?.[1]))
    assert.ok(Math.abs((seconds[0] ?? 0) - (seconds[1] ?? 99)) <= 3, times.join())
    assert.deepEqual(complaints, [])
  })

  it('say which commands the other does not have, or has with another outcome', async () => {
    const { page } = await open()
    const chips = async (side: number): Promise<string[]> => {
      const rows = page.locator('.side').nth(side).locator('.chapter')
      await rows.first().waitFor()
      return rows.locator('.chapter-facts').allInnerTexts()
    }
    await page.getByText('only here').waitFor()
    assert.match((await chips(0))[1] ?? '', /denied there/)
    const [same = '', restart = '', rm = ''] = await chips(1)
    assert.doesNotMatch(same, /here|there/)
    assert.match(restart, /allowed there/)
    assert.match(rm, /only here/)
    assert.equal(await page.locator('.side b').count(), 0)
  })

  it('write down who looked at both, and obey the scope for both', async () => {
    server.audit.lines.splice(0)
    server.advance(11 * 60_000)
    await open()
    const seen = new Set(
      server.audit.lines.map(({ detail }) => [detail['recordingId'], detail['part']].join(' ')),
    )
    for (const id of [A, B])
      for (const part of ['facts', 'replay']) assert.ok(seen.has(`${id} ${part}`))
    for (const path of [`?a=${A}&b=${HIDDEN}`, `?a=${HIDDEN}&b=${A}`]) {
      const other = await tab(context)
      const response = await other.goto(`${server.url}/sessions/compare${path}`)
      assert.equal((await response?.text())?.includes('secret-login'), false)
      await other.getByText('No recording has this id and channel.').waitFor()
      assert.equal(await other.locator('.side').count(), 0)
      await other.close()
    }
    for (const query of ['', `?a=${A}`, `?a=${A}&b=../../x`, `?a=${A}&a=${B}&b=x`]) {
      const answer = await context.request.get(`${server.url}/sessions/compare${query}`)
      assert.equal(answer.status(), 404, query)
    }
  })

  it('are chosen in the list', async () => {
    const page = await tab(context)
    await page.goto(server.url)
    await page.getByLabel('Compare deploy@web-2').check()
    await page.getByText('deploy@web-2 is chosen.').waitFor()
    await page.reload()
    await page.getByLabel('Compare deploy@web-1').check()
    await page.getByRole('link', { name: 'Compare side by side' }).click()
    await page.waitForURL(`${server.url}/sessions/compare?a=${B}&b=${A}`)
  })

  for (const width of [360, 768, 1440]) {
    it(`fit ${width} pixels`, async () => {
      const { page } = await open()
      await page.setViewportSize({ width, height: 900 })
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width)
    })
  }
})
