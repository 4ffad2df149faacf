import type { StreamNumber } from '../asciicast/cast.ts'
import { decodeGap, decodeNote } from '../asciicast/decode-details.ts'
import { parseTermSize } from '../asciicast/term.ts'
import { gapText } from './gap-text.ts'
import { plainText } from './plain-text.ts'

/** An event as it was recorded. */
export interface RecordedEvent {
  readonly interval: number
  readonly code: string
  readonly text: string
}

/** An event that a player can be trusted with; `at` is in microseconds since the start. */
export interface ShownEvent {
  readonly at: number
  readonly code: string
  readonly text: string
  readonly stream: StreamNumber
  /** Our own words, and nothing of the channel. */
  readonly isNotice?: true
}

/** What must be known of the events before a place to go on from there. */
export interface ShownState {
  readonly at: number
  readonly stream: StreamNumber
  readonly afterText: boolean
  readonly binaryBytes: number
  readonly omitting: boolean
}

/**
 * Turns recorded events, in order, into those that are shown: only well-formed ones of the standard codes, sizes
 * clamped, labels without control and bidirectional characters. Binary output and gaps become visible lines.
 */
export class ShownEvents {
  #at: number
  #stream: StreamNumber
  #afterText: boolean
  #binaryBytes: number
  #omitting: boolean

  constructor(state?: ShownState) {
    this.#at = state?.at ?? 0
    this.#stream = state?.stream ?? 1
    this.#afterText = state?.afterText ?? false
    this.#binaryBytes = state?.binaryBytes ?? 0
    this.#omitting = state?.omitting ?? false
  }

  get state(): ShownState {
    return {
      at: this.#at,
      stream: this.#stream,
      afterText: this.#afterText,
      binaryBytes: this.#binaryBytes,
      omitting: this.#omitting,
    }
  }

  event({ interval, code, text }: RecordedEvent): readonly ShownEvent[] {
    const exactBytes = code === 'b' && this.#afterText
    this.#afterText = code === 'o' || code === 'i'
    if (code === 'b' && !exactBytes) this.#binaryBytes += Buffer.byteLength(text, 'base64')
    if (code === 's') this.#stream = text === '2' ? 2 : text === '0' ? 0 : 1
    const shown = this.#shown(code, text)
    // A run of binary output becomes one line, once something that can be shown follows it.
    const binary = shown === undefined ? [] : this.end()
    this.#at += Math.round(interval * 1e6)
    return shown === undefined ? [] : [...binary, { ...shown, at: this.#at }]
  }

  /** Returns what is still owed. */
  end(): readonly ShownEvent[] {
    if (this.#binaryBytes === 0) return []
    const text = notice(`binary output, ${this.#binaryBytes} bytes kept`)
    this.#binaryBytes = 0
    return [{ at: this.#at, code: 'o', text, stream: this.#stream, isNotice: true }]
  }

  #shown(code: string, text: string): Omit<ShownEvent, 'at'> | undefined {
    const stream = this.#stream
    switch (code) {
      case 'o':
      case 'i':
        return { code, text, stream }
      case 'm':
        return { code, text: plainText(text), stream }
      case 'x':
        return /^\d{1,10}$/.test(text) ? { code, text, stream } : undefined
      case 'r': {
        const size = parseTermSize(text)
        return size === undefined ? undefined : { code, text: `${size.cols}x${size.rows}`, stream }
      }
      case 'g': {
        const gap = decodeGap(text)
        if (gap === undefined || (gap.kind === 'omitting' && this.#omitting)) return undefined
        if (gap.kind === 'omitting') this.#omitting = true
        return { code: 'o', text: notice(gapText(gap)), stream, isNotice: true }
      }
      case 'n': {
        if (decodeNote(text)?.kind !== 'interrupted') return undefined
        const words = notice('the recording has no proper end: it was interrupted')
        return { code: 'o', text: words, stream, isNotice: true }
      }
      default:
        return undefined
    }
  }
}

/** Returns a line of our own among the output. */
export function notice(text: string): string {
  return `\r\n[sallyport: ${text}]\r\n`
}
