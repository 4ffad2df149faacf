import type { CastHeader } from '../asciicast/cast.ts'
import { encodeEvent, encodeHeader } from '../asciicast/encode.ts'
import { castLines } from './cast-lines.ts'
import { plainText } from './plain-text.ts'
import { notice, type ShownEvent, ShownEvents } from './shown-events.ts'

/**
 * Yields a cast that a player can be trusted with, made from the bytes of a recorded one: a header
 * of our own, terminal sizes clamped, only well-formed events of the standard codes, labels without
 * control and bidirectional characters. Binary output and gaps become visible lines. Nothing after
 * the last whole line is shown. The recorded file is never changed.
 */
export async function* castView(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<string, void, undefined> {
  const shown = new ShownEvents()
  const encoder = new Encoder()
  for await (const lines of castLines(chunks)) {
    let out = ''
    for (const line of lines) {
      out +=
        line.kind === 'header' ? encoder.header(line.header) : encoder.events(shown.event(line))
    }
    if (out !== '') yield out
  }
  const rest = encoder.events(shown.end()) || encoder.end()
  if (rest !== '') yield rest
}

class Encoder {
  #at = 0
  #isEmpty = true

  header(header: CastHeader | undefined): string {
    if (header !== undefined) return encodeHeader(shownHeader(header))
    const fallback = encodeHeader({ version: 3, term: { cols: 80, rows: 24 } })
    return fallback + this.#event(0, 'o', notice(UNREADABLE_HEADER))
  }

  /** The time of events that are not shown goes to the next one that is. */
  events(events: readonly ShownEvent[]): string {
    return events.map(({ at, code, text }) => this.#event(at, code, text)).join('')
  }

  /** A player refuses a cast without an event. */
  end(): string {
    return this.#isEmpty ? this.#event(this.#at, 'o', '') : ''
  }

  #event(at: number, code: string, text: string): string {
    const interval = (at - this.#at) / 1e6
    this.#at = at
    this.#isEmpty = false
    return encodeEvent(interval, code, text)
  }
}

/** What is said where the first line of a recording is no header. */
export const UNREADABLE_HEADER = 'the header of this recording cannot be read'

function shownHeader(header: CastHeader): CastHeader {
  const { timestamp, title, command } = header
  const { cols, rows, type } = header.term
  const name = header.env?.['TERM']
  return {
    version: 3,
    term: { cols, rows, ...(type === undefined ? {} : { type: plainText(type) }) },
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(title === undefined ? {} : { title: plainText(title) }),
    ...(command === undefined ? {} : { command: plainText(command) }),
    ...(name === undefined ? {} : { env: { TERM: plainText(name) } }),
  }
}
