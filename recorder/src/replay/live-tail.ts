import { type CastMarker, MarkerFinder } from '../view/cast-markers.ts'
import { type ShownEvent, ShownEvents } from '../view/shown-events.ts'
import { Dressing } from './dressing.ts'
import { numberedLines } from './numbered-lines.ts'
import type { PlayerEvent } from './segment-events.ts'

/** What new bytes of a cast brought. */
export interface LiveNews {
  readonly events: readonly PlayerEvent[]
  readonly markers: readonly CastMarker[]
}

/** Reads a cast that is still being written, from some place on. */
export class LiveTail {
  readonly #shown = new ShownEvents()
  readonly #dressing: Dressing
  readonly #finder = new MarkerFinder((label) => label)
  #base = 0
  #at = 0
  /** Where the first line is that has not been taken. */
  position: number

  /** `position` must be the beginning of a line. */
  constructor({ pty, position }: { readonly pty: boolean; readonly position: number }) {
    this.#dressing = new Dressing(pty)
    this.position = position
  }

  /** Seconds of the last event that was taken. */
  get time(): number {
    return (this.#base + this.#at) / 1e6
  }

  /** Says when the last event that was taken was, for a tail that did not see all before it. */
  setTime(seconds: number): void {
    this.#base = Math.max(0, Math.round(seconds * 1e6) - this.#at)
  }

  /** Takes the bytes that begin at `position`; a line that is not whole yet is left for the next time. */
  async take(chunks: AsyncIterable<Uint8Array>): Promise<LiveNews> {
    const events: PlayerEvent[] = []
    const markers: CastMarker[] = []
    const start = this.position
    let last = 0
    let torn: number | undefined
    for await (const lines of numberedLines(
      counted(chunks, (bytes) => (last += bytes)),
      start,
    )) {
      for (const line of lines) {
        if (line.kind === 'torn') torn = line.from
        if (line.kind !== 'event') continue
        this.#at += Math.round(line.interval * 1e6)
        const found = this.#finder.event(line.code, line.text)
        if (found !== undefined) markers.push({ time: this.time, ...found })
        for (const each of this.#shown.event(line).flatMap((shown) => this.#dress(shown))) {
          events.push([(this.#base + each.at) / 1e6, each.code, each.text])
        }
      }
    }
    this.position = torn ?? start + last
    return { events, markers }
  }

  /** Returns what is still owed when nothing follows. */
  end(): readonly PlayerEvent[] {
    const rest = [
      ...this.#shown.end().flatMap((each) => this.#dress(each)),
      ...this.#dressing.end(this.#at),
    ]
    return rest.map(({ at, code, text }) => [(this.#base + at) / 1e6, code, text])
  }

  #dress(event: ShownEvent): readonly ShownEvent[] {
    return event.code === 'o' || event.code === 'r' ? this.#dressing.event(event) : []
  }
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  count: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    count(chunk.length)
    yield chunk
  }
}
