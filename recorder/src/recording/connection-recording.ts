import { constants } from 'node:fs'
import { join } from 'node:path'
import { Timeline } from '../asciicast/timeline.ts'
import type { RecorderError } from '../errors.ts'
import { encodeConnectionEvent, isOwnEvent, type OwnEvent } from '../store/connection-events.ts'
import { EVENTS_FILE, isChannelNumber } from '../store/layout.ts'
import { AppendFile } from './append-file.ts'
import {
  type ChannelContext,
  type ChannelOptions,
  ChannelRecording,
  type ChannelSummary,
} from './channel-recording.ts'

/** A connection that is to be recorded. */
export interface ConnectionOptions {
  /** 8 to 64 letters, digits, `-` and `_`; never used before. */
  readonly recordingId: string
  /** Every event that returned a number up to `seq` is completely written. */
  readonly onWritten?: (seq: number) => void
  /** The connection's own log cannot be written: its sessions must end. Called at most once. */
  readonly onFailure: (error: RecorderError) => void
}

/** What a connection's recording needs of its store. */
export interface ConnectionContext extends Omit<
  ChannelContext,
  'open' | 'recordingId' | 'onClosed'
> {
  readonly folder: string
  /** Settles when the folder is there and has room, or cannot be had. */
  readonly folderReady: Promise<void>
}

/** The recording of one connection: a log of its events, and one cast for each of its channels. */
export class ConnectionRecording {
  readonly id: string
  /** The folder that holds its files; there once the first batch was written. */
  readonly folder: string
  readonly #context: ConnectionContext
  readonly #file: AppendFile
  readonly #timeline: Timeline
  readonly #open = new Map<number, ChannelRecording>()
  readonly #used = new Set<number>()
  #channelFailed = false
  #closed: Promise<void> | undefined

  constructor(options: ConnectionOptions, context: ConnectionContext) {
    this.id = options.recordingId
    this.folder = context.folder
    this.#context = context
    this.#timeline = new Timeline(context.clock)
    this.#file = new AppendFile({
      disk: context.disk,
      open: () => this.#openFile(EVENTS_FILE),
      beforeWrite: () => undefined,
      onWritten: options.onWritten ?? (() => undefined),
      onFailure: options.onFailure,
    })
    this.#write('recording.started', { recording: this.id })
  }

  /** Bytes of events that are not reported written yet. */
  get pendingBytes(): number {
    return this.#file.pendingBytes
  }

  /**
   * Adds an event to the connection's log and returns the number of its batch. Throws TypeError for
   * a name that the recorder keeps for itself, and once `close` was called.
   */
  event(name: string, detail: Readonly<Record<string, unknown>>): number {
    if (isOwnEvent(name)) throw new TypeError(`"${name}" is written by the recorder alone`)
    this.#assertOpen()
    return this.#write(name, detail)
  }

  /**
   * Returns the recording of a new channel, with its own clock and file. Its owner closes it; the
   * connection's `close` closes those that are left. Throws TypeError for a number used before.
   */
  openChannel(options: ChannelOptions): ChannelRecording {
    this.#assertOpen()
    const { channel, kind, pty } = options
    if (!isChannelNumber(channel))
      throw new TypeError('"channel" must be an unsigned 32-bit number')
    if (this.#used.has(channel)) throw new TypeError(`channel ${channel} was recorded already`)
    this.#used.add(channel)
    const { disk, now, clock } = this.#context
    const recording = new ChannelRecording(
      {
        ...options,
        onFailure: (error) => {
          this.#channelFailed = true
          options.onFailure(error)
        },
      },
      {
        recordingId: this.id,
        disk,
        now,
        clock,
        open: (name) => this.#openFile(name),
        onClosed: (summary) => this.#channelClosed(summary),
      },
    )
    this.#open.set(channel, recording)
    this.#write('recording.channelOpened', { channel, kind, pty })
    return recording
  }

  /** Closes the channels that are still open, then the log; resolves also when something failed. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((channel) => channel.close()))
    // Without a proper end the next start repairs the files that the failure left behind.
    this.#write(this.#channelFailed ? 'recording.failed' : 'recording.ended', {})
    await this.#file.close()
  }

  #channelClosed(summary: ChannelSummary): void {
    const { failure, ...rest } = summary
    this.#open.delete(summary.channel)
    this.#write('recording.channelClosed', { ...rest, failure: failure?.code })
  }

  #write(name: OwnEvent | (string & {}), detail: Readonly<Record<string, unknown>>): number {
    if (this.#file.failure === undefined) {
      const offset = this.#timeline.now() / 1e6
      this.#file.batch.utf8(encodeConnectionEvent(this.#context.now(), offset, name, detail))
    }
    return this.#file.touch()
  }

  #assertOpen(): void {
    if (this.#closed !== undefined)
      throw new TypeError('the recording of this connection is closed')
  }

  async #openFile(name: string): Promise<number> {
    const { O_WRONLY, O_APPEND, O_CREAT, O_EXCL } = constants
    const { disk, folder, folderReady } = this.#context
    await folderReady
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    const flags = O_WRONLY | O_APPEND | O_CREAT | O_EXCL
    disk.files.open(join(folder, name), flags, 0o600, (error, fd) =>
      error === null ? resolve(fd) : reject(error),
    )
    return promise
  }
}
