import assert from 'node:assert/strict'
import { cast, channelRow, recordingRow, replayOf, TestCasts } from '../support/recordings.ts'
import { startReviewServer, type ReviewServer } from '../support/review-server.ts'
import { Visitor } from '../support/visitor.ts'
import { RunningChannel } from './live-channel.ts'

const ID = 'rec_running1'
const NAME = `${ID}/0`
const path = `/api/sessions/${ID}/channels/0/live`

interface News {
  readonly kind: string
  readonly text?: string
  readonly skipped?: number
  readonly events?: readonly (readonly [number, string, string])[]
  readonly label?: string
}

describe('following a running channel', () => {
  let server: ReviewServer
  let reviewer: Visitor
  let running: RunningChannel
  const casts = new TestCasts()
  const live = { watch: (...given: Parameters<RunningChannel['watch']>) => running.watch(...given) }

  before(async () => {
    server = await startReviewServer({ app: { live, replay: replayOf(casts) } })
    reviewer = new Visitor()
    await reviewer.signIn(server.url, 'reviewer')
    server.catalog.add({
      recording: recordingRow({ id: ID, status: 'running', endedAt: undefined }),
      channels: [channelRow({ pty: true, endedAt: undefined })],
    })
  })

  beforeEach(() => {
    casts.texts.set(NAME, cast([[1, 'o', 'before\r\n']]))
    running = new RunningChannel(casts, NAME)
    server.audit.lines.splice(0)
  })

  after(async () => {
    await server.close()
  })

  /** Opens a stream; `next` resolves to what it says next. */
  async function follow(): Promise<{ next: () => Promise<News>; leave: () => Promise<void> }> {
    const response = await reviewer.get(server.url + path)
    assert.equal(response.headers.get('content-type'), 'text/event-stream')
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    assert.ok(reader)
    let text = ''
    return {
      async next() {
        for (;;) {
          const end = text.indexOf('\n\n')
          if (end !== -1) {
            const message = text.slice(0, end)
            text = text.slice(end + 2)
            const data = /^data: (.*)$/m.exec(message)?.[1]
            if (data !== undefined) return JSON.parse(data)
            continue
          }
          const { value, done } = await reader.read()
          if (done) return { kind: 'closed' }
          text += value
        }
      },
      leave: () => reader.cancel(),
    }
  }

  it('begins with what is on the screen, and goes on with each output, marker and size', async () => {
    const { next, leave } = await follow()
    const screen = await next()
    assert.equal(screen.kind, 'screen')
    assert.equal(screen.text, 'before\r\n')
    assert.equal(screen.skipped, 0)
    running.event(0.5, 'o', 'now')
    assert.deepEqual((await next()).events, [[1.5, 'o', 'now']])
    running.event(0.5, 'r', '1000000x5')
    assert.deepEqual((await next()).events, [[2, 'r', '500x5']])
    running.event(0, 'c', '{"effect":"deny"}')
    running.event(0, 'm', 'rm \u202e')
    const marker = await next()
    assert.deepEqual([marker.kind, marker.label], ['marker', 'rm <U+202E>'])
    await leave()
  })

  it('holds back a line until it is whole', async () => {
    const { next, leave } = await follow()
    await next()
    running.add('[0,"o","ha')
    running.add('lf"]\n')
    const texts = (await next()).events?.map(([, , text]) => text)
    assert.deepEqual(texts, ['half'])
    await leave()
  })

  it('says when it ends, and where another channel began', async () => {
    const { next } = await follow()
    await next()
    running.channels = 2
    running.tell()
    assert.equal((await next()).kind, 'channels')
    running.event(0, 'o', 'last words')
    running.end()
    const output = await next()
    assert.deepEqual(output.events?.[0]?.[2], 'last words')
    assert.equal((await next()).kind, 'done')
    assert.equal((await next()).kind, 'closed')
    assert.equal(running.watchers, 0)
  })

  it('shows who joins late the end alone, and says how much that leaves out', async () => {
    for (let at = 0; at < 40; at += 1) running.event(0.1, 'o', `${at} ${'x'.repeat(20_000)}`)
    const { next, leave } = await follow()
    const { text = '', skipped = 0 } = await next()
    assert.ok(text.length < 270_000)
    assert.ok(skipped > 500_000)
    assert.match(text, /39 x+$/)
    await leave()
  })

  it('lets who is too far behind begin anew at the end', async () => {
    const { next, leave } = await follow()
    await next()
    let flood = ''
    for (let at = 0; at < 60; at += 1) flood += `${JSON.stringify([0, 'o', 'y'.repeat(50_000)])}\n`
    running.add(flood)
    const again = await next()
    assert.equal(again.kind, 'screen')
    assert.ok((again.skipped ?? 0) > 2_000_000)
    await leave()
  })

  it('reads nothing more for a browser that does not read, and forgets one that has left', async () => {
    const response = await reviewer.get(server.url + path)
    for (let round = 0; round < 60; round += 1) {
      running.event(0, 'o', 'z'.repeat(200_000))
      await new Promise((resolve) => setTimeout(resolve, 45))
    }
    const taken = casts.asked.length
    running.event(0, 'o', 'more')
    await new Promise((resolve) => setTimeout(resolve, 200))
    assert.equal(casts.asked.length, taken)
    await response.body?.cancel()
    for (let wait = 0; running.watchers > 0 && wait < 100; wait += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    assert.equal(running.watchers, 0)
  })

  it('is written down before anything is shown', async () => {
    const { leave } = await follow()
    assert.deepEqual(server.audit.events(), ['review.followed'])
    await leave()
    server.audit.isBroken = true
    assert.equal((await reviewer.get(server.url + path)).status, 503)
    server.audit.isBroken = false
  })

  it('answers without a stream when it does not run any more', async () => {
    running.end()
    assert.equal((await reviewer.get(server.url + path)).status, 204)
    assert.equal((await new Visitor().get(server.url + path)).status, 401)
  })

  it('allows a person six streams', async () => {
    const streams = []
    for (let count = 0; count < 6; count += 1) streams.push(await follow())
    assert.equal((await reviewer.get(server.url + path)).status, 429)
    for (const { leave } of streams) await leave()
  })
})
