/**
 * asciicast v3 as we write it: a header line, then one JSON array per line, `[interval, code, text]`,
 * where `interval` is seconds since the line before. Lines that start with `#` are comments.
 *
 * Standard codes: `o` output, `i` input, `r` resize ("80x24"), `m` marker, `x` exit status.
 * Ours, one character each so that other readers skip them, and always with a string:
 *
 *   s   the stream of the events that follow: "1" stdout (at the start), "2" stderr, "0" input
 *   b   base64 of exact bytes. Directly after an `o` or `i` it holds that event's true bytes, of
 *       which the text is a lossy rendering; anywhere else it stands alone (binary streams)
 *   c   a command decision, JSON
 *   g   a declared gap, JSON, see `Gap`
 *   n   a note, JSON, see `Note`
 */

/** Size and type of a terminal; `cols` and `rows` are already clamped. */
export interface CastTerm {
  readonly cols: number
  readonly rows: number
  readonly type?: string
}

/** What a channel's recording says about its session, beside what asciicast itself has a place for. */
export interface CastSession {
  readonly recording: string
  readonly channel: number
  readonly kind: string
  readonly pty: boolean
  readonly identity?: string
  readonly target?: string
  readonly login?: string
  readonly clientAddress?: string
  readonly policy?: string
}

/** First line of a cast. `timestamp` is in Unix seconds; `env` never holds more than TERM. */
export interface CastHeader {
  readonly version: 3
  readonly term: CastTerm
  readonly timestamp?: number
  readonly title?: string
  readonly command?: string
  readonly env?: Readonly<Record<string, string>>
  readonly sallyport?: CastSession
}

/** One event. `interval` and `time` are seconds, since the event before and since the start. */
export interface CastEvent {
  readonly interval: number
  readonly time: number
  readonly code: string
  readonly text: string
}

/** Stream numbers: 0 is what the agent typed, 1 and 2 are what the target answered. */
export type StreamNumber = 0 | 1 | 2

/** Size, part not kept and SHA-256 (hex) of one whole stream, from its first byte; what was typed has no hash. */
export interface StreamTotals {
  readonly bytes: number
  readonly omitted: number
  readonly sha256?: string
}

/** Totals of the three streams of a channel. */
export interface ChannelTotals {
  readonly input: StreamTotals
  readonly stdout: StreamTotals
  readonly stderr: StreamTotals
}

/**
 * Text of a `g` event. `omitting`: from here on bytes of `stream` pass without being kept, and the
 * stream is at most `upTo` bytes long unless a later event raises it. `omitted`: the final account.
 * `torn`: a crash left `bytes` of an unfinished line, now in the `.torn` file beside this one.
 */
export type Gap =
  | { readonly kind: 'omitting'; readonly stream: StreamNumber; readonly upTo: number }
  | { readonly kind: 'omitted'; readonly totals: ChannelTotals }
  | { readonly kind: 'torn'; readonly bytes: number }

/**
 * Text of an `n` event that the recorder writes itself. `held`: the stream ends, for now, in these
 * bytes of an unfinished character; the next output of the stream repeats them. `end` is the last
 * event of a proper recording; `interrupted` is put in its place by a repair.
 */
export type Note =
  | { readonly kind: 'held'; readonly stream: StreamNumber; readonly base64: string }
  | { readonly kind: 'term'; readonly cols: number; readonly rows: number }
  | { readonly kind: 'exit-signal'; readonly signal: string; readonly coreDumped: boolean }
  | { readonly kind: 'end'; readonly totals: ChannelTotals }
  | { readonly kind: 'interrupted' }
