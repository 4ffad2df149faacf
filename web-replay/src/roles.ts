/**
 * What the review app needs of the house around it. Text in these rows is as it was recorded,
 * hostile included: the app cleans it before it leaves.
 */
import type { OutlineAnswer, TermSize } from '@sallyport/recorder/replay'
import type { RecordingFile } from '@sallyport/recorder/store'
import type { Readable } from 'node:stream'
import type {
  ListQuery,
  RecordingDetail,
  RecordingPage,
  Scope,
  SearchAnswer,
  SearchQuery,
} from '@sallyport/recorder/rows'
import type { DecisionAnswer, GrantRow, HeldApproval, HeldState } from './rows/held.ts'

export type { GrantRow, HeldApproval } from './rows/held.ts'
export type {
  ChannelRow,
  ClaimFilter,
  CommandRow,
  DecisionKind,
  FirstChannel,
  ListQuery,
  RecordingDetail,
  RecordingFilters,
  RecordingPage,
  RecordingRow,
  RecordingStatus,
  Scope,
  SearchAnswer,
  SearchGroup,
  SearchHit,
  SearchPage,
  SearchPiece,
  SearchQuery,
} from '@sallyport/recorder/rows'

/** What is recorded, as the catalog knows it. The scope is never left out: it is who is asking. */
export interface SessionCatalog {
  /** A page of the list; undefined if `before` is no cursor of an earlier page. */
  listRecordings(query: ListQuery & { readonly scope: Scope }): Awaitable<RecordingPage | undefined>
  /** Undefined as well for a recording out of scope: it must not even be known to exist. */
  getRecording(id: string, scope: Scope): Awaitable<RecordingDetail | undefined>
}

/** Looks for text in commands and in what was put out. */
export interface SessionSearch {
  search(query: SearchQuery & { readonly scope: Scope }): Awaitable<SearchAnswer>
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

/** What a replay is made of: the recorded files, and what is known of each channel before any of its output. */
export interface ReplaySource {
  openCast(recordingId: string, channel: number): Awaitable<RecordingFile | undefined>
  openEvents(recordingId: string): Awaitable<RecordingFile | undefined>
  outline(recordingId: string, channel: number): Awaitable<OutlineAnswer>
}

/** The channels that are being recorded now. */
export interface LiveRecordings {
  /**
   * Returns a channel that is being recorded, or undefined. `onChange` is called whenever more of it is in its file,
   * when it ends, and when another channel of its connection begins; it must return at once.
   */
  watch(recordingId: string, channel: number, onChange: () => void): LiveChannel | undefined
}

export interface LiveChannel {
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  /** The size of its terminal now. */
  readonly size: TermSize
  readonly isOpen: boolean
  /** How many channels its connection has had until now. */
  readonly channels: number
  stop(): void
}

/** Ends running sessions. */
export interface SessionEnder {
  /** Tells the agent `reason` and ends its connection; false when it is not running. */
  end(recordingId: string, reason: string, by: string): Awaitable<boolean>
}

/** Somebody looked at a recording, or took it away. */
export interface AccessRow {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly event: string
  readonly channel?: number | undefined
  readonly part?: string | undefined
  readonly words?: string | undefined
  readonly name: string
  readonly subject: string
  readonly issuer: string
  readonly clientAddress: string
}

/** What the audit log holds of each recording, ready to be asked for. */
export interface AccessHistory {
  /** Returns the newest first. */
  of(recordingId: string, limit: number): Awaitable<readonly AccessRow[]>
}

/** The audit log. Nothing is shown to a reviewer before `write` has returned or resolved. */
export interface AccessAudit {
  write(event: AccessEvent, detail: Readonly<Record<string, unknown>>): Awaitable<void>
}

export type AccessEvent =
  | 'review.signed-in'
  | 'review.sign-in-refused'
  | 'review.sign-in-limited'
  | 'review.signed-out'
  | 'review.logged-out'
  | 'review.logout-refused'
  | 'review.access-denied'
  | 'review.viewed'
  | 'review.searched'
  | 'review.exported'
  | 'review.raw-downloaded'
  | 'review.rotation-asked'
  | 'review.text-downloaded'
  | 'review.text-searched'
  | 'review.followed'
  | 'review.end-asked'

/** Somebody who has signed in, as the desk needs to know them; `groups` are as the provider sent them. */
export interface DeskPerson {
  readonly issuer: string
  readonly subject: string
  /** For display only. */
  readonly name: string
  readonly groups: readonly string[]
}

/** One command that a rule holds until people have agreed to it. */
export interface HeldCommand {
  readonly ticket: string
  /** Names all that is shown and sent; a verdict must bring it back. */
  readonly digest: string
  readonly state: HeldState
  readonly askedAt: number
  readonly expiresAt: number
  readonly identity: string
  readonly issuer: string
  readonly subject: string
  readonly claims: Readonly<Record<string, unknown>>
  readonly target: string
  readonly login: string
  readonly clientAddress: string
  readonly recordingId: string
  readonly channel: number
  readonly rule: string
  /** False where no policy could resolve it: then only `text` says what would run. */
  readonly judged: boolean
  readonly argv: readonly (readonly string[])[]
  /** Exactly what would be sent. */
  readonly text: string
  /** What the agent has set for the session, as NAME=value. */
  readonly variables: readonly string[]
  /** Earlier commands of the same connection. */
  readonly before: readonly string[]
  /** Who is still needed. */
  readonly waitsFor: string
  readonly reasonRequired: boolean
  /** Seconds for which an approval may cover further commands; 0 where it may not. */
  readonly grantSeconds: number
  readonly approvals: readonly HeldApproval[]
  readonly ended?: { readonly at: number; readonly by?: string; readonly reason?: string }
  /** Why this person may not decide; missing when they may. */
  readonly barred?: string
}

export interface DeskVerdict {
  readonly verdict: 'approve' | 'refuse'
  readonly digest: string
  readonly reason: string
  readonly grantSeconds: number
}

export type DeskAnswer =
  DecisionAnswer | { readonly kind: 'rejected'; readonly code: string; readonly message: string }

/** Where held commands are decided on. It checks by itself who may, and writes down who did. */
export interface ApprovalDesk {
  /** What waits, longest first. */
  list(person: DeskPerson): Awaitable<readonly HeldCommand[]>
  get(ticket: string, person: DeskPerson): Awaitable<HeldCommand | undefined>
  decide(ticket: string, person: DeskPerson, verdict: DeskVerdict): Awaitable<DeskAnswer>
  grants(): Awaitable<readonly GrantRow[]>
  /** Ends a grant before its time; false when there is none. */
  revokeGrant(id: string, person: DeskPerson, reason: string): Awaitable<boolean>
  /** Calls back when something of a target has changed; returns how to stop that. */
  subscribe(callback: (target: string) => void): () => void
}

export type Awaitable<T> = T | Promise<T>
