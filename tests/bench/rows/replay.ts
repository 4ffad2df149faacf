import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openOutlines, type Outlines } from '@sallyport/recorder/replay'
import { openCast, openEvents } from '@sallyport/recorder/store'
import type { Page } from 'playwright-core'
import { launchChromium, signedIn } from '../../src/web-replay/support/chromium.ts'
import { channelRow, recordingRow } from '../../src/web-replay/support/recordings.ts'
import { startReviewServer, type ReviewServer } from '../../src/web-replay/support/review-server.ts'
import type { BenchBed } from '../bed.ts'
import { median, row, type BenchOptions, type Row } from '../row.ts'
import { generateRecording } from '../support/generate-recording.ts'

const BYTES = 200_000_000
/** On every screen of the generated recordings. */
const WORD = 'accepted'
const PATIENCE = 120_000
/** Milliseconds after which a page has nothing left to do. */
const SETTLED = 300

/**
 * Milliseconds in a browser, with a recording of 200 MB: until its screen is there (`open`), the same right after it
 * ended (`first`), until another moment is shown (`seek`), and until it was gone through as a whole (`outline`).
 */
export async function replay(_bench: BenchBed, options: BenchOptions): Promise<Row[]> {
  const names = ['replay.open', 'replay.first', 'replay.seek', 'replay.outline']
  if (!names.some((name) => options.wants(name))) return []
  const rounds = options.quick ? 5 : 11
  const root = await mkdtemp(join(tmpdir(), 'sallyport-bench-'))
  const onError = (error: unknown): void => options.progress(String(error))
  const outlines = openOutlines({ root, now: Date.now, onError })
  const server = await startReviewServer({
    app: {
      replay: {
        openCast: (id, channel) => openCast(root, id, channel),
        openEvents: (id) => openEvents(root, id),
        outline: (id, channel) => outlines.get(id, channel),
      },
    },
  })
  try {
    options.progress('replay: generating a recording')
    for (const id of ['recording-small', 'recording-1']) {
      generateRecording(root, id, id === 'recording-1' ? BYTES : 1_000_000)
      const channels = [channelRow({ channel: 1, kind: 'shell', pty: true, bytes: BYTES })]
      server.catalog.add({ recording: recordingRow({ id }), channels })
    }
    const rows = await measure(server, outlines, rounds)
    return rows.filter(({ name }) => options.wants(name))
  } finally {
    await server.close()
    await outlines.close()
    await rm(root, { recursive: true, force: true })
  }
}

async function measure(server: ReviewServer, outlines: Outlines, rounds: number): Promise<Row[]> {
  const browser = await launchChromium()
  try {
    const context = await signedIn(browser, server)
    // A reviewer's browser has the app's files from the page before.
    const page = await context.newPage()
    await openIn(page, server, 'recording-small')
    const started = performance.now()
    const first = await openIn(page, server, 'recording-1')
    while (!(await isWhole(outlines))) await new Promise((resolve) => setTimeout(resolve, 20))
    const outline = performance.now() - started
    const opens: number[] = []
    const seeks: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      opens.push(await openIn(page, server, 'recording-1'))
      seeks.push(await seekIn(page, (round * 0.37 + 0.5) % 1))
    }
    return [
      row('replay.open', 'ms', 'lower', median(opens), null),
      row('replay.seek', 'ms', 'lower', median(seeks), null),
      row('replay.first', 'ms', 'lower', first, null),
      row('replay.outline', 'ms', 'lower', outline, null),
    ]
  } finally {
    await browser.close()
  }
}

async function isWhole(outlines: Outlines): Promise<boolean> {
  const answer = await outlines.get('recording-1', 1)
  return answer.kind === 'none' || (answer.kind === 'outline' && answer.done === undefined)
}

/** From the list, as a reviewer does; counted from when the browser sets out for the page. */
async function openIn(page: Page, server: ReviewServer, id: string): Promise<number> {
  await page.goto(server.url)
  const link = page.locator(`.started a[href$="${id}"]`)
  await link.waitFor()
  await page.waitForTimeout(SETTLED)
  await link.click({ noWaitAfter: true })
  await page.waitForURL(`**/sessions/${id}`, { waitUntil: 'commit' })
  await shows(page, '')
  return page.evaluate(() => performance.now())
}

/** Presses the strip at `part` of its length. */
async function seekIn(page: Page, part: number): Promise<number> {
  const screen = page.locator('.ap-term-text')
  const before = (await screen.textContent()) ?? ''
  const strip = page.locator('.strip')
  await strip.scrollIntoViewIfNeeded()
  const box = await strip.boundingBox()
  if (box === null) throw new Error('there is no strip')
  const started = performance.now()
  await page.mouse.click(box.x + box.width * part, box.y + box.height / 2)
  await shows(page, before)
  return performance.now() - started
}

/** Resolves when the screen shows something, and not what it did before. */
async function shows(page: Page, before: string): Promise<void> {
  await page.waitForFunction(
    ([word = '', old]) => {
      const text = document.querySelector('.ap-term-text')?.textContent ?? ''
      return text !== old && text.includes(word)
    },
    [WORD, before],
    { polling: 5, timeout: PATIENCE },
  )
}
