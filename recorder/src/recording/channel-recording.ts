import { constants } from 'node:os'
import type { CastHeader, ChannelTotals } from '../asciicast/cast.ts'
import { encodeHeader } from '../asciicast/encode.ts'
import { clampTerm } from '../asciicast/term.ts'
import { type Clock, Timeline } from '../asciicast/timeline.ts'
import type { RecorderError } from '../errors.ts'
import { castFileName } from '../store/layout.ts'
import { AppendFile } from './append-file.ts'
import { ChannelEncoder, type ChannelLimits } from './channel-encoder.ts'
import type { Disk } from './disk.ts'

const LABEL_LENGTH = 200

/** What kind of channel is recorded. */
export type ChannelKind = 'shell' | 'exec' | 'subsystem' | 'forward' | 'agent' | 'x11'

/** A decision on a command, as it goes into the recording. */
export interface CommandDecision {
  readonly text: string
  readonly effect: 'allow' | 'deny'
  readonly rule: string
  /** False when the text was let through without being understood; missing means true. */
  readonly judged?: boolean
  readonly argv?: readonly (readonly string[])[]
  readonly message?: string
  readonly reason?: string
}

/** A channel that is to be recorded. */
export interface ChannelOptions {
  /** A number of the channel that is unique in its connection, for the connection's whole life. */
  readonly channel: number
  readonly kind: ChannelKind
  readonly pty: boolean
  readonly title: string
  readonly term?: { readonly cols: number; readonly rows: number; readonly type: string }
  readonly command?: string
  readonly identity?: string
  readonly target?: string
  readonly login?: string
  readonly clientAddress?: string
  readonly policy?: string
  /** Bytes that are kept of text (64 MiB) and of binary output (256 KiB). */
  readonly limits?: Partial<ChannelLimits>
  /** Keep what the agent types, typed secrets included. Off: only its size is kept, and of an upload the SHA-256. */
  readonly recordInput?: boolean
  /** Everything that returned a number up to `seq` is completely written. */
  readonly onWritten: (seq: number) => void
  /** Nothing more will be written. Called at most once; the session must end. */
  readonly onFailure: (error: RecorderError) => void
}

/** What a channel's recording came to; times are in milliseconds since the epoch. */
export interface ChannelSummary {
  readonly channel: number
  readonly kind: ChannelKind
  readonly file: string
  readonly fileBytes: number
  readonly startedAt: number
  readonly endedAt: number
  readonly totals: ChannelTotals
  /** True when output went through of which only size and SHA-256 were kept. */
  readonly truncated: boolean
  readonly exitStatus?: number
  readonly exitSignal?: string
  /** Why the recording is incomplete; missing when it is complete. */
  readonly failure?: RecorderError
}

/** What a channel's recording needs of its connection's. */
export interface ChannelContext {
  readonly recordingId: string
  readonly disk: Disk
  readonly now: () => Date
  readonly clock: Clock
  /** Creates a file in the recording's folder, and opens it for appending. */
  readonly open: (name: string) => Promise<number>
  readonly onClosed: (summary: ChannelSummary) => void
}

/**
 * The recording of one channel. Each method takes in its argument before it returns, and returns
 * the number of the batch it went into: what it recorded may be passed on once `onWritten` was
 * called with that number or a higher one. Each throws TypeError once `close` was called.
 */
export class ChannelRecording {
  readonly channel: number
  readonly #options: ChannelOptions
  readonly #context: ChannelContext
  readonly #file: AppendFile
  readonly #encoder: ChannelEncoder
  readonly #startedAt: Date
  #exitStatus: number | undefined
  #exitSignal: string | undefined
  #summary: Promise<ChannelSummary> | undefined

  constructor(options: ChannelOptions, context: ChannelContext) {
    this.channel = options.channel
    this.#options = options
    this.#context = context
    this.#startedAt = context.now()
    this.#file = new AppendFile({
      disk: context.disk,
      open: () => context.open(castFileName(options.channel)),
      beforeWrite: () => this.#encoder.settle(),
      onWritten: options.onWritten,
      onFailure: options.onFailure,
    })
    this.#encoder = new ChannelEncoder({
      target: this.#file.batch,
      pool: context.disk.pool,
      timeline: new Timeline(context.clock),
      pty: options.pty,
      limits: { text: 64 * 1024 * 1024, binary: 256 * 1024, ...options.limits },
      recordInput: options.recordInput ?? false,
      atEndOfTurn: context.disk.atEndOfTurn,
    })
    this.#file.batch.utf8(encodeHeader(this.#header()))
    this.#noteClampedTerm(options.term)
    this.#file.touch()
  }

  /** Bytes that were taken in and are not reported written yet, as the file will hold them. */
  get pendingBytes(): number {
    return this.#file.pendingBytes + this.#encoder.stagedBytes
  }

  /** Records output: 1 is stdout (or the terminal), 2 is stderr. */
  output(stream: 1 | 2, bytes: Uint8Array): number {
    if (this.#isOpen()) this.#encoder.bytes(stream, bytes)
    return this.#file.touch()
  }

  /** Counts what the agent sent; keeps it only with `recordInput`. */
  input(bytes: Uint8Array): number {
    if (this.#isOpen()) this.#encoder.bytes(0, bytes)
    // What is only counted is written with the account at the end: nothing need wait for it now.
    return this.#options.recordInput === true ? this.#file.touch() : this.#file.sequence - 1
  }

  /** Records a new terminal size; one that no player could show is clamped, and noted as it was. */
  resize(cols: number, rows: number): number {
    if (this.#isOpen()) {
      this.#noteClampedTerm({ cols, rows })
      const clamped = clampTerm(cols, rows)
      this.#encoder.event('r', `${clamped.cols}x${clamped.rows}`)
    }
    return this.#file.touch()
  }

  /** Records a decision, and a marker at which a reviewer finds it. */
  command(decision: CommandDecision): number {
    if (this.#isOpen()) {
      const { text, effect, rule, judged = true, argv, message, reason } = decision
      const detail = { text, effect, rule, judged, argv, message, reason }
      this.#encoder.event('c', JSON.stringify(detail))
      const verdict = effect === 'allow' && !judged ? 'allow, not judged' : effect
      this.#encoder.event('m', `${verdict}  ${text}`.slice(0, LABEL_LENGTH))
    }
    return this.#file.touch()
  }

  /** Records anything else; never shown by a player. */
  note(detail: Readonly<Record<string, unknown>>): number {
    if (this.#isOpen()) this.#encoder.event('n', JSON.stringify({ note: detail }))
    return this.#file.touch()
  }

  /** Records a marker with its detail. */
  marker(label: string, detail: Readonly<Record<string, unknown>>): number {
    if (this.#isOpen()) {
      this.#encoder.event('n', JSON.stringify({ note: detail }))
      this.#encoder.event('m', label.slice(0, LABEL_LENGTH))
    }
    return this.#file.touch()
  }

  /** Records the exit status of the command. */
  exitStatus(code: number): number {
    if (this.#isOpen()) {
      this.#exitStatus = code
      this.#encoder.event('x', String(code))
    }
    return this.#file.touch()
  }

  /** Records the signal (a name without SIG, RFC 4254 section 6.10) that ended the command. */
  exitSignal(signal: string, coreDumped: boolean): number {
    if (this.#isOpen()) {
      this.#exitSignal = signal
      this.#encoder.event('n', JSON.stringify({ kind: 'exit-signal', signal, coreDumped }))
      this.#encoder.event('x', String(statusOfSignal(signal)))
    }
    return this.#file.touch()
  }

  /**
   * Writes the final account, syncs and closes the file, and returns the summary; never rejects. A
   * recording that failed, now or before, has `failure` in its summary.
   */
  close(): Promise<ChannelSummary> {
    this.#summary ??= this.#close()
    return this.#summary
  }

  async #close(): Promise<ChannelSummary> {
    const endedAt = this.#context.now()
    const totals = this.#encoder.finish()
    this.#file.touch()
    await this.#file.close()
    const { failure } = this.#file
    const summary: ChannelSummary = {
      channel: this.channel,
      kind: this.#options.kind,
      file: castFileName(this.channel),
      fileBytes: this.#file.writtenBytes,
      startedAt: this.#startedAt.getTime(),
      endedAt: endedAt.getTime(),
      totals,
      truncated: totals.stdout.omitted + totals.stderr.omitted > 0,
      ...(this.#exitStatus === undefined ? {} : { exitStatus: this.#exitStatus }),
      ...(this.#exitSignal === undefined ? {} : { exitSignal: this.#exitSignal }),
      ...(failure === undefined ? {} : { failure }),
    }
    this.#context.onClosed(summary)
    return summary
  }

  /** False after a failure: then nothing is kept any more. */
  #isOpen(): boolean {
    if (this.#summary !== undefined) throw new TypeError('the recording of this channel is closed')
    return this.#file.failure === undefined
  }

  #noteClampedTerm(term: { readonly cols: number; readonly rows: number } | undefined): void {
    if (term === undefined) return
    const { cols, rows } = term
    const clamped = clampTerm(cols, rows)
    if (clamped.cols === cols && clamped.rows === rows) return
    this.#encoder.event('n', JSON.stringify({ kind: 'term', cols, rows }))
  }

  #header(): CastHeader {
    const { channel, kind, pty, title, term, command } = this.#options
    const { identity, target, login, clientAddress, policy } = this.#options
    return {
      version: 3,
      term: term ?? { cols: 80, rows: 24 },
      timestamp: Math.floor(this.#startedAt.getTime() / 1000),
      title,
      ...(command === undefined ? {} : { command }),
      // Of the agent's environment only the terminal's name: variables carry secrets.
      ...(term === undefined ? {} : { env: { TERM: term.type } }),
      sallyport: {
        recording: this.#context.recordingId,
        channel,
        kind,
        pty,
        ...(identity === undefined ? {} : { identity }),
        ...(target === undefined ? {} : { target }),
        ...(login === undefined ? {} : { login }),
        ...(clientAddress === undefined ? {} : { clientAddress }),
        ...(policy === undefined ? {} : { policy }),
      },
    }
  }
}

/** The status a shell reports for a signal; 255 for one that this system does not know. */
function statusOfSignal(signal: string): number {
  const numbers: Readonly<Record<string, number>> = constants.signals
  const name = `SIG${signal}`
  return Object.hasOwn(numbers, name) ? 128 + (numbers[name] ?? 127) : 255
}
