import { isUtf8 } from 'node:buffer'
import type { ChannelTotals, Gap, Note, StreamNumber } from '../asciicast/cast.ts'
import type { Timeline } from '../asciicast/timeline.ts'
import { characterStart, isShortAscii, unfinishedTail } from '../asciicast/utf8.ts'
import type { BufferPool, ByteBuffer } from './byte-buffer.ts'
import { looksBinary } from './looks-binary.ts'
import { StreamState } from './stream-state.ts'

/** Packets of one stream that follow each other within this many microseconds become one event. */
const COALESCE_US = 1000
/** How far ahead the size of a stream whose bytes are not kept is declared. */
const DECLARE_STEP = 256 * 1024
/**
 * Input of fewer bytes that is not kept gets no hash, and what is typed on a terminal none at all: with one, whoever
 * reads a recording could try passwords.
 */
const HASHED_INPUT = 1024
/** The smallest piece that text with invalid bytes in it is cut into. */
const LOSSY_PIECE = 1024

/** How much of a channel's bytes is kept, over all its streams. */
export interface ChannelLimits {
  readonly text: number
  readonly binary: number
}

/** What a channel's encoder needs. */
export interface ChannelEncoderOptions {
  readonly target: ByteBuffer
  readonly pool: BufferPool
  readonly timeline: Timeline
  /** A terminal's output is always text. */
  readonly pty: boolean
  readonly limits: ChannelLimits
  readonly recordInput: boolean
  /** Runs work when the event that is being handled was dealt with. */
  readonly atEndOfTurn: (work: () => void) => void
}

/**
 * Turns the bytes and events of one channel into cast lines in `target`.
 *
 * Bytes are first staged, so that a character or a burst that came in several packets becomes one
 * event. After `settle`, every byte that came in is accounted for in `target`: in an `o`, `i` or
 * `b` event, in a `held` note (an unfinished character), or in a declared size (beyond a limit).
 */
export class ChannelEncoder {
  readonly #options: ChannelEncoderOptions
  readonly #streams: readonly [StreamState, StreamState, StreamState]
  #current: StreamNumber = 1
  #afterText = false
  #textLeft: number
  #binaryLeft: number
  #staged: Buffer | undefined
  #stagedStream: StreamState
  #stagedLength = 0
  #stagedAt = 0

  constructor(options: ChannelEncoderOptions) {
    this.#options = options
    this.#textLeft = options.limits.text
    this.#binaryLeft = options.limits.binary
    this.#streams = [
      options.recordInput
        ? new StreamState(0, 'text', 0)
        : new StreamState(0, 'omitted', options.pty ? Infinity : HASHED_INPUT),
      new StreamState(1, 'text', 0),
      new StreamState(2, 'text', 0),
    ]
    this.#stagedStream = this.#streams[1]
  }

  /** Bytes that came in and are not in `target` yet. */
  get stagedBytes(): number {
    return this.#stagedLength
  }

  /** Takes bytes of a stream; the caller may reuse them afterwards. */
  bytes(number: StreamNumber, bytes: Uint8Array): void {
    const stream = this.#streams[number]
    if (number === 0 && !this.#options.recordInput) {
      stream.count(bytes, 0, bytes.length)
      stream.omitted += bytes.length
      // It may be a password: once it has gone on, nothing has more of it than the hash does.
      if (stream.awaitsHash) this.#options.atEndOfTurn(this.#hashInput)
      return
    }
    const now = this.#options.timeline.now()
    if (stream !== this.#stagedStream || now - this.#stagedAt >= COALESCE_US) this.#drain()
    let from = 0
    while (from < bytes.length && stream.mode !== 'omitted') {
      const room = this.#stage(stream, now)
      const whole = from === 0 && bytes.length <= room
      const part = whole ? bytes : bytes.subarray(from, from + room)
      this.#staged?.set(part, this.#stagedLength)
      this.#stagedLength += part.length
      from += part.length
      if (part.length === room) this.#drain()
    }
    if (from < bytes.length) {
      this.#drain()
      stream.count(bytes, from, bytes.length)
      this.#omit(stream, bytes.length - from, now)
    }
  }

  /** Adds one event with its text. */
  event(code: string, text: string): void {
    this.#drain()
    this.#write(this.#options.timeline.now(), code, text)
  }

  /** Adds what is still staged, and a note of each unfinished character. */
  settle(): void {
    this.#drain()
    if (this.#staged !== undefined) this.#options.pool.give(this.#staged)
    this.#staged = undefined
    for (const stream of this.#streams) {
      if (stream.carryLength === stream.notedLength) continue
      const base64 = stream.carry.toString('base64', 0, stream.carryLength)
      const note: Note = { kind: 'held', stream: stream.number, base64 }
      this.event('n', JSON.stringify(note))
      stream.notedLength = stream.carryLength
    }
  }

  /** Adds the last bytes and the account of all streams, and returns it. */
  finish(): ChannelTotals {
    this.#drain()
    for (const stream of this.#streams) {
      const length = stream.carryLength
      stream.carryLength = 0
      stream.notedLength = 0
      this.#writeText(stream, stream.carry, 0, length, this.#options.timeline.now())
    }
    const [input, stdout, stderr] = this.#streams
    const incomplete = this.#streams.some((stream) => stream.declared > 0)
    const totals = { input: input.totals(), stdout: stdout.totals(), stderr: stderr.totals() }
    if (incomplete) this.event('g', JSON.stringify({ kind: 'omitted', totals } satisfies Gap))
    this.event('n', JSON.stringify({ kind: 'end', totals } satisfies Note))
    return totals
  }

  readonly #hashInput = (): void => this.#streams[0].hashNow()

  /** Makes `stream` the staged one, behind its unfinished character; returns the room that is left. */
  #stage(stream: StreamState, now: number): number {
    this.#staged ??= this.#options.pool.take()
    if (this.#stagedLength === 0) {
      if (stream.carryLength > 0) stream.carry.copy(this.#staged, 0, 0, stream.carryLength)
      this.#stagedLength = stream.carryLength
      this.#stagedStream = stream
      this.#stagedAt = now
    }
    return this.#staged.length - this.#stagedLength
  }

  #drain(): void {
    const staged = this.#staged
    const length = this.#stagedLength
    const stream = this.#stagedStream
    this.#stagedLength = 0
    if (staged === undefined || length === 0) return
    stream.count(staged, stream.carryLength, length)
    if (stream.mode === 'text' && !this.#options.pty && looksBinary(staged, length)) {
      stream.mode = 'binary'
    }
    const left = stream.mode === 'binary' ? this.#binaryLeft : this.#textLeft
    const kept = Math.min(left, length - stream.carryLength)
    const end = stream.carryLength + kept
    stream.carryLength = 0
    stream.notedLength = 0
    if (stream.mode === 'binary') {
      this.#binaryLeft -= kept
      this.#writeBinary(stream, staged, end)
    } else {
      this.#textLeft -= kept
      const tail = end < length ? 0 : unfinishedTail(staged, 0, end)
      this.#writeText(stream, staged, 0, end - tail, this.#stagedAt)
      if (tail > 0) staged.copy(stream.carry, 0, end - tail, end)
      stream.carryLength = tail
    }
    if (end < length) this.#omit(stream, length - end, this.#stagedAt)
  }

  #omit(stream: StreamState, count: number, time: number): void {
    stream.mode = 'omitted'
    stream.omitted += count
    if (stream.bytes <= stream.declared) return
    stream.declared = stream.bytes + DECLARE_STEP
    const gap: Gap = { kind: 'omitting', stream: stream.number, upTo: stream.declared }
    this.#write(time, 'g', JSON.stringify(gap))
  }

  #writeText(stream: StreamState, source: Buffer, from: number, to: number, time: number): void {
    if (from === to) return
    const valid = isShortAscii(source, from, to) || isUtf8(source.subarray(from, to))
    if (!valid && to - from > LOSSY_PIECE) {
      const middle = characterStart(source, from, from + ((to - from) >> 1))
      this.#writeText(stream, source, from, middle, time)
      this.#writeText(stream, source, middle, to, time)
      return
    }
    this.#switchTo(stream, time, false)
    if (valid) {
      const { target, timeline } = this.#options
      target.ascii('[')
      target.seconds(timeline.interval(time))
      target.ascii(stream.code === 'o' ? ',"o","' : ',"i","')
      target.escaped(source, from, to)
      target.ascii('"]\n')
    } else {
      this.#write(time, stream.code, source.toString('utf8', from, to))
      this.#write(time, 'b', source.toString('base64', from, to))
    }
    this.#afterText = valid
  }

  #writeBinary(stream: StreamState, source: Buffer, length: number): void {
    if (length === 0) return
    this.#switchTo(stream, this.#stagedAt, this.#afterText)
    this.#write(this.#stagedAt, 'b', source.toString('base64', 0, length))
  }

  #switchTo(stream: StreamState, time: number, always: boolean): void {
    if (this.#current === stream.number && !always) return
    this.#current = stream.number
    this.#write(time, 's', String(stream.number))
  }

  #write(time: number, code: string, text: string): void {
    const { target, timeline } = this.#options
    target.ascii('[')
    target.seconds(timeline.interval(time))
    target.ascii(`,"${code}",`)
    target.utf8(JSON.stringify(text))
    target.ascii(']\n')
    this.#afterText = false
  }
}
