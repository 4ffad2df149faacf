import { type ShownEvent, ShownEvents } from '../view/shown-events.ts'
import { Dressing } from './dressing.ts'
import { numberedLines } from './numbered-lines.ts'
import { IDLE_LIMIT, type Outline, type Segment } from './outline.ts'

export interface SegmentEventsOptions {
  readonly outline: Outline
  readonly segment: Segment
  /** Cuts idle stretches short. */
  readonly skipIdle: boolean
}

/** A player's event: seconds, code and text. */
export type PlayerEvent = readonly [time: number, code: string, text: string]

const IDLE = IDLE_LIMIT * 1e6

/** Yields the events of one segment, from the bytes of the cast between its beginning and the next one's. */
export async function* segmentEvents(
  chunks: AsyncIterable<Uint8Array>,
  { outline, segment, skipIdle }: SegmentEventsOptions,
): AsyncGenerator<readonly PlayerEvent[], void, undefined> {
  const shown = new ShownEvents(segment.shown)
  const dressing = new Dressing(outline.pty, segment.dressing)
  const isLast = outline.isPartial !== true && outline.segments.at(-1)?.from === segment.from
  let at = segment.at
  let cut = segment.cut
  const timed = (events: readonly ShownEvent[]): readonly PlayerEvent[] => {
    return events.map(({ at: next, code, text }) => {
      cut += Math.max(0, next - at - IDLE)
      at = next
      return [(skipIdle ? at - cut : at) / 1e6, code, text]
    })
  }
  const dressed = (events: readonly ShownEvent[]): readonly ShownEvent[] => {
    return events
      .filter(({ code }) => code === 'o' || code === 'r' || code === 'i')
      .flatMap((event) => dressing.event(event))
  }
  for await (const lines of numberedLines(chunks, segment.from)) {
    const events = lines.flatMap((line) =>
      line.kind === 'event' ? dressed(shown.event(line)) : [],
    )
    if (events.length > 0) yield timed(events)
  }
  if (isLast) yield timed([...dressed(shown.end()), ...dressing.end(at)])
}
