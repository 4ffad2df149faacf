import { chromium } from 'playwright-core'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import type { ReviewServer } from './review-server.ts'
import { Visitor } from './visitor.ts'

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Returns Debian's Chromium, in the build without windows, which needs half the time; the caller closes it. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium-headless-shell', args: ARGUMENTS })
}

const PERSON: BrowserContextOptions = { locale: 'en-GB', timezoneId: 'Europe/Berlin' }

/** Returns a context in which `account` is signed in, which took a visitor without a screen a tenth of the time. */
export async function signedIn(
  browser: Browser,
  server: Pick<ReviewServer, 'url'>,
  account = 'reviewer',
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({ ...PERSON, ...options })
  const visitor = new Visitor()
  await visitor.signIn(server.url, account)
  const cookies = visitor.origins.flatMap((origin) =>
    [...visitor.cookies(origin)].map(([name, value]) => {
      // What only goes over TLS also goes to a loopback address.
      const secure = name.startsWith('__Host-')
      const url = secure ? origin.replace(/^http:/, 'https:') : origin
      return { name, value, url, secure, httpOnly: true, sameSite: 'Lax' as const }
    }),
  )
  await context.addCookies(cookies)
  return context
}

/** Returns a context in which `account` has signed in through the provider's own pages. */
export async function signedInByHand(
  browser: Browser,
  server: Pick<ReviewServer, 'url'>,
  account = 'reviewer',
): Promise<BrowserContext> {
  const context = await browser.newContext(PERSON)
  const page = await context.newPage()
  await page.goto(server.url)
  await page.fill('input[name=login]', account)
  await page.fill('input[name=password]', 'x')
  await page.click('button[type=submit]')
  await page.click('button[type=submit]') // consent
  await page.waitForURL(`${server.url}/`)
  await page.close()
  return context
}

/** Returns the one tab of a context, as a new one would be: to open another costs more than most of what it shows. */
export async function tab(context: BrowserContext): Promise<Page> {
  const page = context.pages()[0] ?? (await context.newPage())
  for (const event of ['console', 'pageerror', 'dialog']) page.removeAllListeners(event)
  await page.unrouteAll()
  await page.setViewportSize({ width: 1280, height: 720 })
  await page.emulateMedia({ colorScheme: null, reducedMotion: null })
  return page
}

/** Collects what a page complains about: policy violations, errors, dialogs that script opened. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  return complaints
}

/** Resolves to the text on the player's screen once it contains `wanted`. */
export async function screenText(page: Page, wanted: string): Promise<string> {
  const screen = page.locator('.ap-term-text')
  await screen.filter({ hasText: wanted }).waitFor({ state: 'attached', timeout: 15_000 })
  return screen.evaluate((element) => element.textContent ?? '')
}
