/**
 * What the review app needs of the house around it. Text in these rows is as it was recorded,
 * hostile included: the app cleans it before it leaves.
 */
import type { Readable } from 'node:stream'

/** Status of a recorded connection. */
export type RecordingStatus = 'running' | 'ended' | 'interrupted' | 'failed'

/** One recorded connection. Times are milliseconds since the epoch. */
export interface RecordingRow {
  readonly id: string
  readonly startedAt: number
  readonly endedAt?: number | undefined
  readonly status: RecordingStatus
  readonly identity: string
  readonly issuer: string
  readonly subject: string
  readonly login: string
  readonly target: string
  readonly clientAddress: string
  readonly entry: string
  readonly bytes: number
  readonly commands: number
  readonly denied: number
  readonly claims: Readonly<Record<string, unknown>>
  /** What the first channel did, where the catalog can tell without another query. */
  readonly firstChannel?: FirstChannel | undefined
}

export interface FirstChannel {
  readonly kind: string
  readonly command?: string | undefined
  readonly exitStatus?: number | undefined
  readonly exitSignal?: string | undefined
}

/** One SSH channel of a recorded connection; `channel` numbers its cast. */
export interface ChannelRow {
  readonly channel: number
  readonly kind: string
  readonly command?: string | undefined
  readonly pty: boolean
  readonly startedAt: number
  readonly endedAt?: number | undefined
  readonly exitStatus?: number | undefined
  readonly exitSignal?: string | undefined
  readonly bytes: number
  readonly truncated: boolean
}

/** One command that was asked for. `offset` is seconds into the cast of its channel. */
export interface CommandRow {
  readonly channel: number
  readonly at: number
  readonly offset: number
  readonly text: string
  readonly effect: 'allow' | 'deny'
  readonly rule: string
  readonly message?: string | undefined
  /** False where no policy looked at it, for example lines typed inside a shell. */
  readonly judged: boolean
}

export interface RecordingDetail {
  readonly recording: RecordingRow
  readonly channels: readonly ChannelRow[]
  readonly commands: readonly CommandRow[]
}

/** A page of recordings, newest first; `next` is an opaque cursor, absent on the last page. */
export interface RecordingPage {
  readonly rows: readonly RecordingRow[]
  readonly next?: string | undefined
}

/** `before` is the cursor of an earlier page; `listRecordings` resolves to undefined if it is not. */
export interface SessionCatalog {
  listRecordings(query: {
    readonly limit: number
    readonly before?: string
  }): Awaitable<RecordingPage | undefined>
  getRecording(id: string): Awaitable<RecordingDetail | undefined>
}

/** A place in a cast; of kind `allow`, `deny` and `not-judged` are the commands of its channel. */
export interface CastMarker {
  readonly time: number
  readonly label: string
  readonly kind: string
}

/** Where the casts lie. `castView` is validated and clamped for the player; `rawCast` is evidence. */
export interface CastStore {
  castView(recordingId: string, channel: number): Awaitable<AsyncIterable<string> | undefined>
  rawCast(recordingId: string, channel: number): Awaitable<Readable | undefined>
  markers?(recordingId: string, channel: number): Awaitable<readonly CastMarker[]>
}

/** The audit log. Nothing is shown to a reviewer before `write` has returned or resolved. */
export interface AccessAudit {
  write(event: AccessEvent, detail: Readonly<Record<string, unknown>>): Awaitable<void>
}

export type AccessEvent =
  | 'review.signed-in'
  | 'review.sign-in-refused'
  | 'review.signed-out'
  | 'review.access-denied'
  | 'review.viewed'
  | 'review.raw-downloaded'

export type Awaitable<T> = T | Promise<T>
