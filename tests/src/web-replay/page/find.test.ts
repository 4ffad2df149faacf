import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { violationsOf } from '../support/accessibility.ts'
import { complaintsOf, launchChromium, signedIn, tab } from '../support/chromium.ts'
import { startFindServer, type FindServer } from '../support/find-server.ts'

const PICTURES = process.env['SALLYPORT_PICTURES']
/** Widths and colours; axe, which takes long, looks at both colours, at the least and the most width. */
const LOOKS = [
  [360, 'dark', true],
  [800, 'light', false],
  [1400, 'dark', false],
  [1400, 'light', true],
] as const

describe('finding on the list page', () => {
  let browser: Browser
  let server: FindServer
  let context: BrowserContext

  before(async () => {
    browser = await launchChromium()
    server = await startFindServer()
    context = await signedIn(browser, server)
    for (let n = 0; n < 60; n += 1) {
      const denied = n % 7 === 0
      await server.add({
        id: `session-${n}`,
        minute: n,
        identity: n % 3 === 0 ? 'github/acme/payments' : 'github/acme/shop',
        target: `web-${n % 4}`,
        command: denied ? `rm -rf /srv/shop/releases/${n}` : `tail -n ${n} /var/log/shop/api.log`,
        output: n % 10 === 0 ? `08:31:0${n % 9} payment declined: order ${n}\n` : 'ok\n',
        exitStatus: denied ? 126 : 0,
        ...(denied ? { decision: { effect: 'deny', rule: 'no-removal' } } : {}),
        running: n === 59,
      })
    }
    await server.real.index.settled()
  })

  after(async () => {
    await browser.close()
    await server.close()
  })

  async function open(path: string): Promise<Page> {
    const page = await tab(context)
    await page.goto(server.url + path)
    await page.locator('#sessions > :not(p)').first().waitFor()
    return page
  }

  it('puts every filter into the address, and back into its control', async () => {
    const page = await open('/')
    const complaints = complaintsOf(page)
    await page.getByLabel('Identity').fill('github/acme/payments')
    await page.getByRole('textbox', { name: 'Started from' }).fill('2026-11-23T10:40')
    await page.getByText('More filters').click()
    await page.getByLabel('Name of the claim').fill('repository')
    await page.getByLabel('Value of the claim').fill('acme/shop')
    await page.getByLabel('Exit status').fill('126')
    await page.getByLabel('Exit status').press('Enter')
    await page.waitForURL(/agent=/)
    const query = new URL(page.url()).searchParams
    assert.deepEqual(Object.fromEntries(query), {
      agent: 'github/acme/payments',
      from: '2026-11-23T09:40:00.000Z', // Europe/Berlin
      exit: '126',
      'claim.repository': 'acme/shop',
    })
    await page.locator('tbody tr').first().waitFor()
    assert.equal(await page.locator('tbody tr').count(), 2) // minutes 21 and 42
    assert.equal(
      await page.getByRole('textbox', { name: 'Started from' }).inputValue(),
      '2026-11-23T10:40',
    )
    assert.equal(await page.getByLabel('Value of the claim').inputValue(), 'acme/shop')
    await page.getByRole('link', { name: 'Without Exit status 126' }).click()
    await page.waitForURL((url) => !url.search.includes('exit'))
    await page.getByLabel('Decision').selectOption('denied')
    await page.waitForURL(/decision=denied/)
    await page.locator('tbody tr').first().waitFor()
    assert.equal(await page.locator('tbody tr').count(), 2)
    assert.deepEqual(complaints, [])
  })

  it('keeps the filters from page to page', async () => {
    const page = await open('/?login=deploy')
    await page.getByRole('link', { name: 'Older' }).click()
    await page.getByRole('link', { name: 'Newest' }).waitFor()
    assert.match(page.url(), /login=deploy&before=/)
    assert.equal(await page.locator('tbody tr').count(), 10)
    await page.getByRole('link', { name: 'Newest' }).click()
    await page.waitForURL(`${server.url}/?login=deploy`)
  })

  it('helps when no session passes, and says what the server says to a bad address', async () => {
    const page = await open('/?target=web-9')
    await page.getByText('No session passes these filters').waitFor()
    await page.getByRole('link', { name: 'Without Target web-9' }).click()
    await page.locator('tbody tr').first().waitFor()
    await page.goto(`${server.url}/?tarteg=web-1`)
    await page.getByRole('alert').waitFor()
    assert.match(await page.getByRole('alert').innerText(), /There is no filter "tarteg"/)
  })

  it('finds commands and output from the keyboard, and leads to the second', async () => {
    const page = await open('/')
    const complaints = complaintsOf(page)
    await page.keyboard.press('/')
    await page.keyboard.type('payment declined')
    await page.keyboard.press('Enter')
    await page.waitForURL(/q=payment/)
    const output = page.getByRole('region', { name: 'In output' })
    await output.locator('a.hit').first().waitFor()
    assert.equal(await output.locator('.hit-groups > li').count(), 6)
    assert.deepEqual(await output.locator('mark').first().allInnerTexts(), ['payment'])
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/sessions\/session-50\?channel=1&t=3$/)
    await page.waitForLoadState('networkidle')
    await page.goBack()
    await output.locator('a.hit').first().waitFor()
    assert.deepEqual(complaints, [])
  })

  it('brings older hits when asked', async () => {
    const page = await open('/?q=tail%20-n')
    const groups = page.getByRole('region', { name: 'In commands' }).locator('.hit-groups > li')
    assert.equal(await groups.count(), 20)
    await page.getByRole('button', { name: 'Older hits' }).first().click()
    await groups.nth(20).waitFor()
    assert.equal(await groups.count(), 40)
  })

  it('shows hostile output as text', async () => {
    const hostile = '<img src=x onerror=alert(1)> sesame'
    await server.add({
      id: 'hostile-1',
      minute: 100,
      command: `echo '${hostile}'`,
      output: `${hostile}\n`,
    })
    await server.real.index.settled()
    const page = await open('/?q=sesame')
    const complaints = complaintsOf(page)
    assert.equal(await page.locator('#sessions img').count(), 0)
    assert.match(
      await page.locator('#sessions').innerText(),
      /<img src=x onerror=alert\(1\)> sesame/,
    )
    assert.deepEqual(complaints, [])
  })

  it('exports what is listed', async () => {
    const page = await open('/?target=web-1')
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'CSV' }).click()
    const file = await (await download).path()
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\r\n')
    assert.equal(lines.length, 1 + (await page.locator('tbody tr').count()))
  })

  for (const path of ['/', '/?q=payment', '/?target=none', '/?exit=126&decision=denied']) {
    it(`can be read by everybody, at any width and in both colours: ${path}`, async () => {
      const page = await open(path)
      for (const [width, colorScheme, isReadByAxe] of LOOKS) {
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize({ width, height: 900 })
        if (PICTURES !== undefined) {
          const file = `${PICTURES}/list${path.replaceAll(/\W+/g, '-')}-${width}-${colorScheme}.png`
          await page.screenshot({ path: file })
        }
        const look = `${width} pixels, ${colorScheme}`
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, look)
        if (isReadByAxe) assert.deepEqual(await violationsOf(page, ['best-practice']), [], look)
      }
    })
  }
})
