import { strict as assert } from 'node:assert'
import type { Browser, BrowserContext } from 'playwright-core'
import { linesOf } from '../support/audit.ts'
import type { Bed } from '../support/bed.ts'
import { holdSession } from '../support/held-session.ts'
import { eventsOf, recorded } from '../support/recorded.ts'
import { openReviewedBed, type ReviewedBed } from '../support/reviewed-bed.ts'
import { launchChromium, signedIn } from '../web-replay/support/chromium.ts'
import { Newcomer } from '../web-replay/support/newcomer.ts'

const POLICY = `
version: 1
rules:
  - id: look
    effect: allow
    run: { argv: [{ oneOf: [echo, cat] }], rest: any }
  - id: shell
    effect: allow
    shell: { pty: any, mode: guarded }
  - id: no-removal
    effect: deny
    message: Nothing is removed by hand.
    run: { argv: [rm] }
  - id: restart
    effect: approve
    approve: { by: { groups: [sallyport-approvers] }, ttl: 10m }
    run: { argv: [seq, { int: [1, 9] }] }
`

/** What each task may take at most. */
const FEW = 4

describe('the work of reviewers, from the first page on', () => {
  let reviewed: ReviewedBed
  let bed: Bed
  let browser: Browser
  let context: BrowserContext
  let person: Newcomer

  before(async () => {
    reviewed = await openReviewedBed({ policy: POLICY })
    bed = reviewed.bed
    browser = await launchChromium()
    context = await signedIn(browser, { url: bed.httpUrl }, 'approver')
  })

  after(async () => {
    await browser?.close()
    await reviewed?.close()
  })

  beforeEach(async () => {
    person = new Newcomer(await context.newPage())
  })

  afterEach(async () => {
    await person.page.close()
  })

  it('ends a running session with a reason: the agent’s ssh says so and ends, and it is written down', async () => {
    const held = await holdSession(bed, ['web', 'echo ready; cat'])
    await person.page.goto(bed.httpUrl)
    await person.click('echo ready; cat')
    await person.sees('ready')
    await person.click('End session…')
    await person.click('Reason, for the agent and the audit log')
    await person.types('it looks wrong')
    await person.click('End it now')
    const ended = await held.ended
    assert.equal(ended.status, 255)
    const said = 'session ended: a reviewer ended it: it looks wrong'
    assert.match(ended.stderr, new RegExp(`^sallyport: ${said}\\r?$`, 'm'))
    assert.ok(person.clicks.length <= FEW, person.clicks.join(', '))
    await person.page.getByRole('slider').waitFor()

    const [cast] = await recorded(bed, 'echo ready; cat')
    assert.equal(cast?.streams.stderr.toString(), `sallyport: ${said}\n`)
    const events = await eventsOf(cast)
    assert.match(events, /"reason":"a reviewer ended it: it looks wrong"/)
    const lines = await bed.audit()
    const [asked] = linesOf(lines, 'review.end-asked')
    assert.equal(asked?.['recordingId'], cast.recordingId)
    assert.equal(asked['reason'], 'it looks wrong')
    assert.equal(Object(asked['reviewer']).subject, 'approver')
    const [done] = linesOf(lines, 'live.terminated')
    assert.equal(done?.['reason'], 'a reviewer ended it: it looks wrong')
    assert.match(String(done['by']), /^Test approver \(approver at http:/)
  })

  it('finds the denied command of a session', async () => {
    const input = 'echo one\necho two\nrm -rf releases\necho three\n'
    await bed.ssh(['web'], { input })
    await bed.ssh(['web', 'echo a later session'])
    await person.page.goto(bed.httpUrl)
    await person.click('1 denied')
    await person.click('rm -rf releases')
    await person.sees('Nothing is removed by hand.')
    const current = person.page.locator('[aria-current=true]', { hasText: 'rm -rf releases' })
    await current.waitFor()
    assert.match(await current.innerText(), /no-removal/)
    assert.deepEqual(person.clicks, ['1 denied', 'rm -rf releases'])
  })

  it('decides on a held command', async () => {
    const agent = bed.ssh(['web', 'seq 3'])
    await person.page.goto(bed.httpUrl)
    await person.click('Approvals')
    await person.click('Approve once')
    await person.sees('You approved. It runs now, once.')
    assert.deepEqual(person.clicks, ['Approvals', 'Approve once'])
    const { status, stdout } = await agent
    assert.deepEqual([status, stdout], [0, '1\n2\n3\n'])
    const [line] = linesOf(await bed.audit(), 'approve.approved')
    assert.equal(Object(line?.['approver']).subject, 'approver')
  })
})
