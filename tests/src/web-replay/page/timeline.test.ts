import assert from 'node:assert/strict'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '../support/chromium.ts'
import { startReviewServer } from '../support/review-server.ts'
import type { ReviewServer } from '../support/review-server.ts'

interface TimelineModule {
  readonly Timeline: new (
    intervals: readonly number[],
    idleLimit: number,
  ) => { toPlayed(time: number): number; toRecorded(time: number): number; readonly end: number }
  readonly intervalsOf: (cast: string) => readonly number[]
}

/** Runs in the browser, on the module that the pages use. */
async function measure(cast: string): Promise<{ intervals: readonly number[]; rows: number[][] }> {
  const path: string = '/page/timeline.js'
  const { Timeline, intervalsOf } = (await import(path)) as TimelineModule
  const intervals = intervalsOf(cast)
  const timeline = new Timeline(intervals, 2)
  const times = [0, 0.5, 1, 2, 5, 10, 11, 11.5, 12, 99]
  return {
    intervals,
    rows: times.map((time) => [time, timeline.toPlayed(time), timeline.toRecorded(time)]),
  }
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
    const cast = '{"version":3}\n# a comment\n[1,"o","[5,"]\n[10.0, "o","x"]\n[1,"x","0"]\n'
    const { intervals, rows } = await page.evaluate(measure, cast)
    assert.deepEqual(intervals, [1, 10, 1])
    assert.deepEqual(rows, [
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
