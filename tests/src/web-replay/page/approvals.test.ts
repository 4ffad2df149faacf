import assert from 'node:assert/strict'
import { createApprovalDesk } from '@sallyport/bastion/approve'
import type { Pending } from '@sallyport/bastion/approve'
import type { ApprovalTerms } from '@sallyport/bastion/decide'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { Room, ask } from '../../bastion/approve/support/room.ts'
import { violationsOf } from '../support/accessibility.ts'
import { complaintsOf, launchChromium, signedIn, tab } from '../support/chromium.ts'
import { startReviewServer } from '../support/review-server.ts'
import type { ReviewServer } from '../support/review-server.ts'

const HOSTILE = '<img src=x onerror=alert(1)>"\'</script><script>alert(2)</script>'

describe('approvals page', () => {
  let browser: Browser
  let server: ReviewServer
  let room: Room
  let context: BrowserContext
  let page: Page
  let complaints: string[]

  before(async () => {
    browser = await launchChromium()
    room = new Room({ now: Date.now })
    server = await startReviewServer({ app: { approvals: createApprovalDesk(room.approvals) } })
    context = await signedIn(browser, server, 'approver')
  })

  after(async () => {
    await browser.close()
    await server.close()
    room.end()
  })

  beforeEach(async () => {
    page = await tab(context)
    complaints = complaintsOf(page)
  })

  afterEach(async () => {
    room.approvals.revoke({ issuer: 'github' }, 'the test is over')
  })

  function pending(
    values: Parameters<typeof ask>[0] = {},
    terms: Partial<ApprovalTerms> = {},
  ): Pending {
    const by = { groups: ['sallyport-approvers'], identities: [] }
    const { held } = ask({}, { by, ttl: 3600, ...terms })
    return room.pending({ ...values, held: { ...held, ...values.held, terms: held.terms } })
  }

  function card(ticket: string): ReturnType<Page['locator']> {
    return page.locator(`[data-ticket="${ticket}"]`)
  }

  it('is found from the list of sessions, and says when nothing waits', async () => {
    await page.goto(server.url)
    await page.getByRole('link', { name: 'Approvals' }).click()
    await page.getByText('Nothing waits').waitFor()
    assert.equal(await page.title(), 'Approvals · Sallyport')
    assert.deepEqual(complaints, [])
  })

  it('shows a command as soon as it is held, and lets it go at the press of a button', async () => {
    await page.goto(`${server.url}/approvals`)
    await page.getByText('live', { exact: true }).waitFor()
    const held = pending()
    await card(held.ticket).waitFor()
    assert.equal(await page.title(), '(1) Approvals · Sallyport')
    assert.deepEqual(await card(held.ticket).locator('.word').allInnerTexts(), [
      'systemctl',
      'restart',
      'shop',
    ])
    assert.match(await card(held.ticket).innerText(), /\d+:\d\d left/)
    await card(held.ticket).getByLabel('Reason').fill('release 12')
    await card(held.ticket).getByRole('button', { name: 'Approve once' }).click()
    await card(held.ticket).getByText('You approved. It runs now, once.').waitFor()
    assert.equal((await held.outcome).kind, 'approved')
    assert.equal(room.approvals.get(held.ticket)?.approvals[0]?.reason, 'release 12')
    await page.waitForFunction(() => document.title === 'Approvals · Sallyport')
    assert.equal(await card(held.ticket).getByRole('button', { name: 'Refuse' }).isDisabled(), true)
    await page.getByRole('button', { name: 'Clear 1 ended' }).click()
    await page.getByText('Nothing waits').waitFor()
    assert.deepEqual(complaints, [])
  })

  it('refuses from the keyboard alone', async () => {
    const held = pending()
    await page.goto(held.link.replace('https://bastion.example', server.url))
    await card(held.ticket).getByLabel('Reason').focus()
    await page.keyboard.type('not today')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await card(held.ticket).getByText('You refused. It will not run.').waitFor()
    assert.deepEqual(await held.outcome, {
      kind: 'refused',
      by: 'Test approver',
      reason: 'not today',
    })
    assert.deepEqual(complaints, [])
  })

  it('shows hostile words as text, each in its box, with what cannot be seen marked', async () => {
    const words = ['rm', '', HOSTILE, 'a  b', '\u202egnp.x', 'r\u043c', 'two\nlines']
    const held = pending({
      held: {
        ...ask().held,
        rule: HOSTILE.replaceAll(',', ''),
        commands: [words, ['id']],
        send: Buffer.from(`'rm' '' '${HOSTILE}'\n;'id'`),
      },
      identity: { ...ask().identity, name: HOSTILE, claims: { [HOSTILE]: `\u202e${HOSTILE}` } },
      target: `\u200b${HOSTILE}`,
      variables: ['LANG=\u202eC'],
      before: [HOSTILE],
    })
    await page.goto(`${server.url}/approvals`)
    await card(held.ticket).waitFor()
    assert.deepEqual(await card(held.ticket).locator('.word').allInnerTexts(), [
      'rm',
      'empty',
      HOSTILE.replaceAll(' ', '␣'),
      'a␣␣b',
      '<U+202E>gnp.x',
      'r\u043c',
      'two␊lines',
      'id',
      'LANG=<U+202E>C',
    ])
    const marks = await card(held.ticket).locator('.words mark').allInnerTexts()
    assert.deepEqual(marks, ['<U+202E>', '\u043c', '␊', '<U+202E>'])
    assert.equal(await card(held.ticket).locator('.commands > li').count(), 2)
    assert.equal(await card(held.ticket).locator('.lines li').count(), 2)
    await card(held.ticket).locator('summary').click()
    assert.equal(await page.locator('#held img, #held script').count(), 0)
    assert.ok((await card(held.ticket).innerText()).includes(HOSTILE))
    assert.deepEqual(complaints, [])
  })

  it('names text that nobody resolved, shows all of it, and grants nothing for it', async () => {
    const text = `for f in *; do\n${' '.repeat(300)}rm $f\ndone`
    const held = pending(
      { held: { ...ask().held, judged: false, commands: [], send: Buffer.from(text) } },
      { grant: 3600 },
    )
    await page.goto(`${server.url}/approvals`)
    await card(held.ticket).getByText('Not judged: exact text.').waitFor()
    const lines = await card(held.ticket).locator('.lines li').allInnerTexts()
    assert.equal(lines.map((line) => line.replaceAll('␣', ' ')).join('\n'), text)
    const box = await card(held.ticket).locator('.lines li').nth(1).boundingBox()
    assert.ok(box !== null && box.x + box.width <= 1280, 'long lines wrap and are not cut')
    assert.equal(await card(held.ticket).getByRole('button', { name: 'Approve for' }).count(), 0)
  })

  it('approves for some minutes, shows that, and takes it back', async () => {
    const held = pending({}, { grant: 1800 })
    await page.goto(`${server.url}/approvals`)
    await card(held.ticket).getByLabel('For how long').selectOption('15 min')
    await card(held.ticket).getByRole('button', { name: 'Approve for' }).click()
    await card(held.ticket).getByText('others like it until').waitFor()
    const grant = room.approvals.grants()[0]
    assert.equal(grant && grant.until - grant.since, 15 * 60_000)
    await page.getByText('Granted for a time').waitFor()
    await page.getByRole('button', { name: 'Take back' }).click()
    await page.getByText('Granted for a time').waitFor({ state: 'detached' })
    assert.deepEqual(room.approvals.grants(), [])
  })

  it('keeps what somebody types, and says so when the agent leaves', async () => {
    const [held, other] = [pending(), pending({ login: 'backup' })]
    await page.goto(`${server.url}/approvals`)
    await card(other.ticket).getByLabel('Reason').fill('half a sent')
    const before = await card(other.ticket).boundingBox()
    held.cancel('the agent has left')
    await card(held.ticket).getByText('No longer waiting: cancelled: the agent has left.').waitFor()
    assert.equal(await card(other.ticket).getByLabel('Reason').inputValue(), 'half a sent')
    assert.equal((await card(other.ticket).boundingBox())?.y, before?.y)
  })

  it('says why somebody may not decide', async () => {
    const held = pending({}, { by: { groups: ['dba'], identities: [] } })
    await page.goto(`${server.url}/approvals`)
    await card(held.ticket).getByText('Rule restart leaves this to dba.').waitFor()
    const button = card(held.ticket).getByRole('button', { name: 'Approve once' })
    assert.equal(await button.isDisabled(), true)
  })

  for (const [width, scheme] of [
    [360, 'light'],
    [360, 'dark'],
    [1280, 'light'],
    [1280, 'dark'],
  ] as const) {
    it(`fits ${width} pixels (${scheme})`, async () => {
      const long = `/srv/${'very-long-name-without-a-break'.repeat(8)}`
      pending({ held: { ...ask().held, commands: [['ls', long]], send: Buffer.from(long) } })
      pending({ target: 'a-target-with-quite-a-long-name.internal.example' }, { grant: 3600 })
      await page.emulateMedia({ colorScheme: scheme })
      await page.setViewportSize({ width, height: 900 })
      await page.goto(`${server.url}/approvals`)
      await page.locator('.held').nth(1).waitFor()
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width)
      assert.deepEqual(await violationsOf(page), [])
      const shots = process.env['SCREENSHOTS']
      if (shots !== undefined) {
        await page.locator('summary').first().click()
        await page.screenshot({ path: `${shots}/${width}-${scheme}.png`, fullPage: true })
      }
    })
  }

  it('tells of a new command in a notification and in the title, without the command itself', async () => {
    await page.addInitScript(() => {
      const told: string[] = []
      class Told {
        static readonly permission = 'granted'
        constructor(title: string, { body }: { body: string }) {
          told.push(`${title}: ${body}`)
        }
        addEventListener(): void {}
      }
      Object.assign(window, { told, Notification: Told })
      Object.defineProperty(document, 'hidden', { value: true })
    })
    pending()
    await page.goto(`${server.url}/approvals`)
    await page.locator('.held').first().waitFor()
    assert.equal(await page.title(), '(1) Approvals · Sallyport')
    pending({ target: 'web-9' })
    await page.locator('.held').nth(1).waitFor()
    const told = await page.evaluate((): string[] => Reflect.get(window, 'told'))
    assert.equal(told.length, 1)
    assert.match(told[0] ?? '', /^A command waits for approval: .* asks at .*@web-9, rule /)
    await page.waitForFunction(() => document.title.startsWith('(2)'))
  })

  it('asks for a new sign-in when the old one is too old to decide', async () => {
    const held = pending()
    await page.goto(`${server.url}/approvals`)
    await card(held.ticket).waitFor()
    server.advance(16 * 60_000)
    await card(held.ticket).getByRole('button', { name: 'Approve once' }).click()
    const link = card(held.ticket).getByRole('link', { name: 'Sign in again' })
    await link.waitFor()
    assert.equal(room.approvals.get(held.ticket)?.state, 'pending')
    await link.click()
    await page.locator('input[name=login]').waitFor()
  })
})
