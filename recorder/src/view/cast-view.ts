import type { CastHeader } from '../asciicast/cast.ts'
import { decodeGap, decodeNote } from '../asciicast/decode-details.ts'
import { encodeEvent, encodeHeader } from '../asciicast/encode.ts'
import { parseTermSize } from '../asciicast/term.ts'
import { castLines } from './cast-lines.ts'
import { gapText } from './gap-text.ts'
import { plainText } from './plain-text.ts'

type ShownEvent = readonly [code: string, text: string]

/**
 * Yields a cast that a player can be trusted with, made from the bytes of a recorded one: a header
 * of our own, terminal sizes clamped, only well-formed events of the standard codes, labels without
 * control and bidirectional characters. Binary output and gaps become visible lines. Nothing after
 * the last whole line is shown. The recorded file is never changed.
 */
export async function* castView(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<string, void, undefined> {
  const view = new View()
  for await (const lines of castLines(chunks)) {
    let out = ''
    for (const line of lines) {
      out += line.kind === 'header' ? view.header(line.header) : view.event(line)
    }
    if (out !== '') yield out
  }
  const rest = view.end()
  if (rest !== '') yield rest
}

class View {
  #skipped = 0
  #afterText = false
  #binaryBytes = 0
  #omittingShown = false
  #empty = true

  header(header: CastHeader | undefined): string {
    if (header !== undefined) return encodeHeader(shownHeader(header))
    const fallback = encodeHeader({ version: 3, term: { cols: 80, rows: 24 } })
    return fallback + this.#show(['o', notice('the header of this recording cannot be read')])
  }

  event(event: {
    readonly interval: number
    readonly code: string
    readonly text: string
  }): string {
    const { interval, code, text } = event
    const exactBytes = code === 'b' && this.#afterText
    this.#afterText = code === 'o' || code === 'i'
    if (code === 'b' && !exactBytes) this.#binaryBytes += Buffer.byteLength(text, 'base64')
    // A run of binary output becomes one line, once something that can be shown follows it.
    const shown = this.#shown(code, text)
    const binary = shown === undefined ? '' : this.#binary()
    this.#skipped += Math.round(interval * 1e6)
    return shown === undefined ? '' : binary + this.#show(shown)
  }

  end(): string {
    const rest = this.#binary()
    return this.#empty && rest === '' ? this.#show(['o', '']) : rest
  }

  #shown(code: string, text: string): ShownEvent | undefined {
    switch (code) {
      case 'o':
      case 'i':
        return [code, text]
      case 'm':
        return [code, plainText(text)]
      case 'x':
        return /^\d{1,10}$/.test(text) ? [code, text] : undefined
      case 'r': {
        const size = parseTermSize(text)
        return size === undefined ? undefined : [code, `${size.cols}x${size.rows}`]
      }
      case 'g': {
        const gap = decodeGap(text)
        if (gap === undefined || (gap.kind === 'omitting' && this.#omittingShown)) return undefined
        if (gap.kind === 'omitting') this.#omittingShown = true
        return ['o', notice(gapText(gap))]
      }
      case 'n':
        if (decodeNote(text)?.kind !== 'interrupted') return undefined
        return ['o', notice('the recording has no proper end: it was interrupted')]
      default:
        return undefined
    }
  }

  #binary(): string {
    if (this.#binaryBytes === 0) return ''
    const text = notice(`binary output, ${this.#binaryBytes} bytes kept`)
    this.#binaryBytes = 0
    return this.#show(['o', text])
  }

  /** The time of events that are not shown goes to the next one that is. */
  #show([code, text]: ShownEvent): string {
    const interval = this.#skipped / 1e6
    this.#skipped = 0
    this.#empty = false
    return encodeEvent(interval, code, text)
  }
}

function notice(text: string): string {
  return `\r\n[sallyport: ${text}]\r\n`
}

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
