import {
  makeBeginning,
  playerIndex,
  segmentEvents,
  TerminalScreen,
  type Outline,
  type PlayerEvent,
} from '@sallyport/recorder/replay'
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { all, castOf, chunksOf, outlineOf, type Line } from './casts.ts'
import { COLS, printed, ROWS, shown } from './terminal.ts'

const lines = fc.array(
  fc.tuple(
    fc.constantFrom(0.001, 0.2, 1, 9),
    fc.array(printed, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('')),
  ),
  { minLength: 4, maxLength: 40 },
)

describe('segments', () => {
  it('each show what the whole recording shows at their place', async () => {
    await fc.assert(
      fc.asyncProperty(lines, async (drawn) => {
        const cast = castOf(sensible(drawn), { cols: COLS, rows: ROWS })
        const screen = new TerminalScreen()
        const outline = await outlineOf(cast, { partBytes: 120, screen })
        const whole = (await eventsOf(cast, outline)).flat()
        for (const [index, { screen: start }] of outline.segments.entries()) {
          if (index === 0) continue
          const before = whole.filter(([time]) => time < (outline.segments[index]?.at ?? 0) / 1e6)
          const after = whole.slice(before.length)
          assert.equal(
            await shown([start.text, ...after.map(([, , text]) => text)]),
            await shown(whole.map(([, , text]) => text)),
            `segment ${index}`,
          )
        }
      }),
      { numRuns: 60 },
    )
  })

  it('fit the index that a player checks them against, with and without idling', async () => {
    await fc.assert(
      fc.asyncProperty(lines, fc.boolean(), async (drawn, skipIdle) => {
        const cast = castOf(drawn.map(([interval, text]): Line => [interval, 'o', text]))
        const outline = await outlineOf(cast, { partBytes: 100, screen: new TerminalScreen() })
        const index = playerIndex(outline, { skipIdle, url: String })
        const parts = await eventsOf(cast, outline, skipIdle)
        for (const [at, events] of parts.entries()) {
          const start = index.segments[at]?.start ?? -1
          const end = index.segments[at + 1]?.start ?? Infinity
          if (at > 0) assert.equal(events[0]?.[0], start)
          assert.ok(events.every(([time]) => time >= start && time < end))
        }
        assert.equal(parts.at(-1)?.at(-1)?.[0], index.duration)
        assert.equal(parts.flat().length, outline.events)
      }),
      { numRuns: 60 },
    )
  })

  it('are never without an event, however much comes before the first', async () => {
    const notes = Array.from({ length: 50 }, (): Line => [0.1, 'n', '{"note":{}}'])
    const cast = castOf([...notes, [1, 'o', 'a'], ...notes, [1, 'o', 'b'], [1, 'o', 'c']])
    const parts = await eventsOf(cast, await outlineOf(cast, { partBytes: 500 }))
    assert.deepEqual(
      parts.map((events) => events.map(([, , text]) => text)),
      [['a'], ['b', 'c']],
    )
  })

  it('of a beginning fit the index of that beginning', async () => {
    await fc.assert(
      fc.asyncProperty(lines, fc.boolean(), async (drawn, skipIdle) => {
        const cast = castOf(drawn.map(([interval, text]): Line => [interval, 'o', text]))
        const outline = await makeBeginning(chunksOf(cast), 60)
        fc.pre(outline !== undefined)
        const index = playerIndex(outline, { skipIdle, url: String })
        const [events = [], ...others] = await eventsOf(cast, outline, skipIdle)
        assert.equal(others.length, 0)
        assert.equal(events.at(-1)?.[0], index.duration)
        assert.equal(events.length, outline.events)
      }),
      { numRuns: 60 },
    )
  })

  it('shorten each idle stretch to two seconds', async () => {
    const cast = castOf([
      [1, 'o', 'a'],
      [60, 'o', 'b'],
      [2, 'o', 'c'],
      [2.5, 'o', 'd'],
    ])
    const outline = await outlineOf(cast)
    const [events = []] = await eventsOf(cast, outline, true)
    assert.deepEqual(
      events.map(([time, , text]) => [time, text]),
      [
        [1, 'a'],
        [3, 'b'],
        [5, 'c'],
        [7, 'd'],
      ],
    )
  })

  it('give output without a terminal its carriage returns, and red for standard error', async () => {
    const cast = castOf(
      [
        [0, 'o', 'a\nb\r\n'],
        [0, 's', '2'],
        [0, 'o', 'bad\n'],
        [0, 's', '1'],
        [0, 'o', 'c'],
      ],
      { pty: false },
    )
    const [events = []] = await eventsOf(cast, await outlineOf(cast))
    assert.deepEqual(
      events.map(([, , text]) => text),
      ['a\r\nb\r\n', '\u001b[31mbad\r\n\u001b[39m', 'c'],
    )
  })

  it('show a storm of new sizes as few, and the last one always', async () => {
    const storm = Array.from({ length: 50 }, (_, at): Line => [0.001, 'r', `${40 + at}x24`])
    const cast = castOf([...storm, [1, 'o', 'after'], [0.001, 'r', '33x24']])
    const [events = []] = await eventsOf(cast, await outlineOf(cast))
    assert.deepEqual(
      events.map(([, code, text]) => `${code} ${text}`),
      ['r 40x24', 'r 89x24', 'o after', 'r 33x24'],
    )
  })
})

/**
 * Leaves the other screen only where it was gone to, and halves no wide character at the edge of one that does not
 * wrap: what a terminal makes of that is its own.
 */
function sensible(drawn: readonly (readonly [interval: number, text: string])[]): Line[] {
  let isAway = false
  const isWide = drawn.some(([, text]) => text.includes('日'))
  return drawn.map(([interval, text]): Line => {
    const wrapped = isWide ? text.replaceAll('\u001b[?7l', '') : text
    const kept = wrapped.replaceAll(/\p{Cc}\[\?1049[hl]/gu, (sequence) => {
      const wanted = sequence.endsWith(isAway ? 'l' : 'h')
      if (wanted) isAway = !isAway
      return wanted ? sequence : ''
    })
    return [interval, 'o', kept]
  })
}

async function eventsOf(
  cast: Buffer,
  outline: Outline,
  skipIdle = false,
): Promise<PlayerEvent[][]> {
  const parts: PlayerEvent[][] = []
  for (const [index, segment] of outline.segments.entries()) {
    const bytes = cast.subarray(segment.from, outline.segments[index + 1]?.from ?? outline.size)
    parts.push(await all(segmentEvents(chunksOf(bytes), { outline, segment, skipIdle })))
  }
  return parts
}
