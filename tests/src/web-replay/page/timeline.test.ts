import assert from 'node:assert/strict'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '../support/chromium.ts'
import { startReviewServer } from '../support/review-server.ts'
import type { ReviewServer } from '../support/review-server.ts'

interface TimelineModule {
  readonly Timeline: new (
    gaps: readonly (readonly [start: number, length: number])[],
    limit: number,
  ) => { toPlayed(time: number): number; toRecorded(time: number): number }
}

/** Runs in the browser, on the module that the pages use. */
async function measure(gaps: [number, number][]): Promise<number[][]> {
  const path: string = '/page/timeline.js'
  const { Timeline } = (await import(path)) as TimelineModule
  const timeline = new Timeline(gaps, 2)
  const times = [0, 0.5, 1, 2, 5, 10, 11, 11.5, 12, 99]
  return times.map((time) => [time, timeline.toPlayed(time), timeline.toRecorded(time)])
}

describe('timeline', () => {
  let browser: Browser
  let server: ReviewServer
  let page: Page

  before(async () => {
    browser = await launchChromium()
    server = await startReviewServer()
    page = await browser.newPage()
    await page.goto(`${server.url}/signed-out`)
  })

  after(async () => {
    await browser.close()
    await server.close()
  })

  it('shortens idle stretches, and finds the way back', async () => {
    // events at 1, 11 and 12 s; played at 1, 3 and 4 s
    const gaps: [number, number][] = [[1, 10]]
    assert.deepEqual(await page.evaluate(measure, gaps), [
      [0, 0, 0],
      [0.5, 0.5, 0.5],
      [1, 1, 1],
      [2, 2, 2],
      [5, 3, 13],
      [10, 3, 18],
      [11, 3, 19],
      [11.5, 3.5, 19.5],
      [12, 4, 20],
      [99, 91, 107],
    ])
  })
})
