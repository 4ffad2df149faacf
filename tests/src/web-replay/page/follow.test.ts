import assert from 'node:assert/strict'
import type { Browser } from 'playwright-core'
import { RunningChannel } from '../follow/live-channel.ts'
import { violationsOf } from '../support/accessibility.ts'
import { complaintsOf, launchChromium, screenText, signedIn } from '../support/chromium.ts'
import { cast, channelRow, recordingRow, replayOf, TestCasts } from '../support/recordings.ts'
import { startReviewServer, type ReviewServer } from '../support/review-server.ts'

const ID = 'rec_running3'

describe('a running session on its page', () => {
  let browser: Browser
  let server: ReviewServer
  const casts = new TestCasts()
  const running = new RunningChannel(casts, `${ID}/0`)
  const ended: string[] = []

  before(async () => {
    browser = await launchChromium()
    const ender = {
      end(_id: string, reason: string): boolean {
        ended.push(reason)
        running.event(0.1, 'o', 'killed\r\n')
        server.catalog.add({ recording: recordingRow({ id: ID }), channels: [channelRow()] })
        running.end()
        return true
      },
    }
    const app = { live: running, replay: replayOf(casts), ender }
    server = await startReviewServer({ app })
    casts.texts.set(`${ID}/0`, cast([[1, 'o', 'hello\r\n']]))
    server.catalog.add({
      recording: recordingRow({ id: ID, status: 'running', endedAt: undefined }),
      channels: [channelRow({ pty: true, endedAt: undefined, exitStatus: undefined })],
    })
  })

  after(async () => {
    await browser.close()
    await server.close()
  })

  it('is followed live, replayed so far, ended with a reason, and then replayed', async () => {
    const context = await signedIn(browser, server, 'admin')
    const page = await context.newPage()
    const complaints = complaintsOf(page)
    await page.goto(`${server.url}/sessions/${ID}`)
    await screenText(page, 'hello')
    running.event(1, 'o', 'what happens now\r\n')
    await screenText(page, 'what happens now')
    running.event(0, 'c', '{"effect":"deny","rule":"no-rm"}')
    running.event(0, 'm', 'deny  rm -rf /')
    await page.locator('.chapter-deny', { hasText: 'rm -rf /' }).waitFor()
    assert.deepEqual(await violationsOf(page), [])

    await page.getByRole('button', { name: 'Replay so far' }).click()
    await page.getByRole('slider').waitFor()
    await page.getByRole('button', { name: 'Follow live' }).click()
    await screenText(page, 'what happens now')

    await page.getByRole('button', { name: 'End session…' }).click()
    assert.deepEqual(await violationsOf(page), [])
    await page.getByLabel('Reason, for the agent').fill('it removes files')
    await page.getByRole('button', { name: 'End it now' }).click()
    await page.getByRole('slider').waitFor()
    assert.deepEqual(ended, ['a reviewer ended it: it removes files'])
    await screenText(page, 'killed')
    assert.equal(await page.getByRole('button', { name: 'End session…' }).count(), 0)
    assert.deepEqual(complaints, [])
    await context.close()
  })
})
