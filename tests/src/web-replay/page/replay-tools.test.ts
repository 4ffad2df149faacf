import assert from 'node:assert/strict'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { violationsOf } from '../support/accessibility.ts'
import { complaintsOf, launchChromium, screenText, signedIn } from '../support/chromium.ts'
import { START, cast, channelRow, commandRow, recordingRow } from '../support/recordings.ts'
import { startReviewServer, type ReviewServer } from '../support/review-server.ts'

const ID = 'rec_tools_1'

describe('tools of the replay page', () => {
  let browser: Browser
  let server: ReviewServer
  let context: BrowserContext
  let page: Page
  let complaints: string[]

  before(async () => {
    browser = await launchChromium()
    server = await startReviewServer()
    context = await signedIn(browser, server)
    server.catalog.add({
      recording: recordingRow({ id: ID, commands: 3, denied: 1 }),
      channels: [channelRow({ exitStatus: 3 }), channelRow({ channel: 1, kind: 'subsystem' })],
      commands: [
        commandRow({ text: 'first', offset: 1, at: START + 1000 }),
        commandRow({ text: 'second', offset: 20, at: START + 20_000, effect: 'deny' }),
        commandRow({ text: 'third', offset: 40, at: START + 40_000 }),
      ],
    })
    const session = { recording: ID, channel: 0, kind: 'exec', pty: false }
    const header = { version: 3, term: { cols: 80, rows: 24 }, sallyport: session }
    const events = [
      [1, 'o', 'alpha\nstarts\n'],
      [19, 's', '2'],
      [0, 'o', 'bravo failed\n'],
      [20, 's', '1'],
      [0, 'o', 'charlie\n'],
      [5, 'o', 'delta\n'],
    ]
    const lines = [header, ...events].map((line) => `${JSON.stringify(line)}\n`)
    server.casts.texts.set(`${ID}/0`, lines.join(''))
    const file = { op: 'write', path: '/etc/shadow' }
    const refused = { kind: 'judged', operation: file, allowed: false, rule: 'files' }
    const read = { kind: 'transferred', op: 'read', path: '/srv/a', rule: 'files', bytes: 4200 }
    server.casts.texts.set(
      `${ID}/1`,
      cast([
        [1, 'n', JSON.stringify({ note: { file: refused } })],
        [1, 'n', JSON.stringify({ note: { file: { ...read, sha256: 'abc123' } } })],
        [1, 'o', 'from channel one'],
      ]),
    )
    const at = new Date(START + 500).toISOString()
    server.casts.texts.set(
      `${ID}/events`,
      `${JSON.stringify({ at, offset: 0.5, event: 'forward.decided', detail: { effect: 'deny', title: '10.0.0.9:5432' } })}\n`,
    )
    page = await context.newPage()
    complaints = complaintsOf(page)
    await page.goto(`${server.url}/sessions/${ID}`)
    await page.locator('.ap-term-text').waitFor({ state: 'attached' })
  })

  after(async () => {
    await browser.close()
    await server.close()
  })

  it('goes through the commands by keys alone, and keeps the moment in the address', async () => {
    await page.keyboard.press(']')
    await screenText(page, 'alpha')
    await page.keyboard.press(']')
    await screenText(page, 'bravo')
    assert.match(page.url(), /\?channel=0&t=20\.0$/)
    await page.keyboard.press('[')
    await page.waitForFunction(
      () => !document.querySelector('.ap-term-text')?.textContent?.includes('bravo'),
    )
    await page.keyboard.press('}')
    await screenText(page, 'bravo')
    await page.keyboard.press('ArrowRight')
    await page.waitForURL(/t=25\.0$/)
    assert.equal(
      await page.locator('.chapter').first().locator('.chip').last().innerText(),
      'exit 3',
    )
  })

  it('plays and pauses, changes its speed and skips idling by keys', async () => {
    await page.keyboard.press('>')
    await page.keyboard.press('>')
    assert.equal(await page.getByLabel('Speed').inputValue(), '4')
    for (let presses = 0; presses < 4; presses += 1) await page.keyboard.press('>')
    assert.equal(await page.getByLabel('Speed').inputValue(), '16')
    await page.keyboard.press('i')
    assert.equal(await page.getByLabel('Skip idle').isChecked(), true)
    await page.keyboard.press(' ')
    await screenText(page, 'delta')
    await page.getByLabel('Speed').selectOption('0.5')
    await page.locator('.stage').hover()
    await page.getByLabel('Skip idle').uncheck()
  })

  it('explains its keys, and no key does anything meanwhile or where somebody writes', async () => {
    await page.keyboard.press('?')
    const dialog = page.locator('dialog[open]')
    assert.match(await dialog.innerText(), /the next denied command/)
    assert.deepEqual(await violationsOf(page), [])
    await page.keyboard.press('3')
    await page.keyboard.press('Escape')
    assert.equal(await dialog.count(), 0)
    const shown = page.getByRole('tab', { selected: true })
    assert.equal(await shown.innerText(), 'Transcript')
    await page.keyboard.press('/')
    await page.keyboard.type('3?i')
    assert.equal(await page.locator('input[type=search]').inputValue(), '3?i')
    assert.equal(await shown.innerText(), 'Transcript')
  })

  it('shows a transcript that tells standard error apart, is searched, and leads to its moments', async () => {
    const transcript = page.locator('.transcript')
    assert.deepEqual(await transcript.locator('code').allTextContents(), [
      'alpha',
      'starts',
      'bravo failed',
      'charlie',
      'delta',
    ])
    assert.equal(await transcript.locator('.line-stderr').innerText(), '0:20\nerr\nbravo failed')
    const words = page.locator('input[type=search]')
    await words.fill('CHARLIE')
    await words.press('Enter')
    const hit = page.locator('.hits .line')
    assert.equal(await hit.locator('mark').innerText(), 'charlie')
    await hit.getByRole('button').click()
    await page.waitForURL(/t=40\.0$/)
    await page.waitForFunction(
      () => !document.querySelector('.ap-term-text')?.textContent?.includes('delta'),
    )
    await words.fill('nothing like it')
    await words.press('Enter')
    await page.getByText('Not in this transcript.').waitFor()
    const link = page.getByRole('link', { name: 'Download as text' })
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()])
    assert.equal(download.suggestedFilename(), `${ID}-0.txt`)
    assert.deepEqual(await violationsOf(page), [])
    await words.blur()
  })

  it('lists file operations, refused ones too, and goes to theirs', async () => {
    await page.keyboard.press('2')
    const rows = page.locator('#panel-files tbody tr')
    await rows.nth(1).waitFor()
    assert.match(await rows.nth(0).innerText(), /write\s+\/etc\/shadow\s+refused files/)
    assert.match(await rows.nth(1).innerText(), /read\s+\/srv\/a\s+4.2 kB\s+abc123\s+files/)
    assert.deepEqual(await violationsOf(page), [])
    await rows.nth(1).getByRole('button').click()
    await page.waitForURL(/channel=1&t=2\.0$/)
  })

  it('lists events with the decisions among them, and who has looked', async () => {
    await page.keyboard.press('3')
    const events = page.locator('#panel-events tbody tr')
    await events.nth(3).waitFor()
    assert.match(
      await events.nth(0).innerText(),
      /forward\.decided\s+effect deny\s*title 10\.0\.0\.9:5432/,
    )
    assert.match(await events.nth(2).innerText(), /denied\s+second by rule/)
    assert.deepEqual(await violationsOf(page), [])
    await page.keyboard.press('4')
    const accesses = page.locator('#panel-access tbody tr')
    await accesses.first().waitFor()
    const text = await page.locator('#panel-access').innerText()
    assert.match(text, /Test reviewer\s+downloaded the transcript of channel 0/)
    assert.match(text, /searched for CHARLIE of channel 0/)
    assert.match(text, /looked at the replay of channel 0/)
    assert.deepEqual(await violationsOf(page), [])
  })

  it('goes where the strip is pressed, by pointer and by keys', async () => {
    await page.locator('.picker button').first().click()
    const strip = page.getByRole('slider')
    await page.locator('.strip[aria-valuemax="45.0"]').waitFor()
    await strip.focus()
    await page.keyboard.press('End')
    await screenText(page, 'delta')
    await page.keyboard.press('Home')
    assert.equal(await strip.getAttribute('aria-valuenow'), '0.0')
    assert.equal(await strip.getAttribute('aria-valuemax'), '45.0')
    assert.equal(await page.locator('.strip-deny').count(), 1)
  })

  it('did all of it without one violation, and reads well in the dark', async () => {
    await page.emulateMedia({ colorScheme: 'dark' })
    assert.deepEqual(await violationsOf(page), [])
    assert.deepEqual(complaints, [])
  })
})
