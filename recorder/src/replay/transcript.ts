import type { StreamNumber } from '../asciicast/cast.ts'
import { type ShownEvent, ShownEvents } from '../view/shown-events.ts'
import { LineWriter } from './line-writer.ts'
import { numberedLines } from './numbered-lines.ts'
import type { Segment } from './outline.ts'

/** A line of output as it ended up on the screen; `time` is of its first character, in seconds. */
export interface TranscriptLine {
  readonly time: number
  readonly stream: StreamNumber
  readonly text: string
  readonly isNotice?: true
}

/**
 * Yields the lines of a channel's output without their colours, in lists. Nothing that was printed is left out because
 * a terminal would hide it. Begins at `segment` where one is given, with the bytes of the cast from there on.
 */
export async function* transcript(
  chunks: AsyncIterable<Uint8Array>,
  segment?: Pick<Segment, 'from' | 'shown'>,
): AsyncGenerator<readonly TranscriptLine[], void, undefined> {
  const shown = new ShownEvents(segment?.shown)
  let lines: TranscriptLine[] = []
  const writers = { 1: writer(1), 2: writer(2) }

  function writer(stream: 1 | 2): LineWriter {
    return new LineWriter((at, text) => lines.push({ time: at / 1e6, stream, text }))
  }
  function print({ at, code, text, stream, isNotice }: ShownEvent): void {
    if (code !== 'o') return
    if (isNotice === true) {
      writers[1].end()
      lines.push({ time: at / 1e6, stream: 1, text: text.trim(), isNotice })
    } else writers[stream === 2 ? 2 : 1].write(at, text)
  }
  function take(): readonly TranscriptLine[] {
    const taken = lines
    lines = []
    return taken
  }

  for await (const numbered of numberedLines(chunks, segment?.from ?? 0)) {
    for (const line of numbered) if (line.kind === 'event') shown.event(line).forEach(print)
    if (lines.length > 0) yield take()
  }
  shown.end().forEach(print)
  writers[1].end()
  writers[2].end()
  if (lines.length > 0) yield take()
}
