/** Status of a recorded connection. */
export type RecordingStatus = 'running' | 'ended' | 'interrupted' | 'failed'

/** One recorded connection. Times are milliseconds since the epoch; text is as it was given. */
export interface RecordingRow {
  readonly id: string
  readonly startedAt: number
  /** Of an interrupted recording: the last moment that is known of it. */
  readonly endedAt?: number | undefined
  readonly status: RecordingStatus
  readonly identity: string
  readonly issuer: string
  readonly subject: string
  readonly login: string
  readonly target: string
  readonly clientAddress: string
  /** How the agent came in: '-J' or 'direct'. */
  readonly entry: string
  readonly bytes: number
  readonly commands: number
  readonly denied: number
  readonly claims: Readonly<Record<string, unknown>>
  /** What the first channel did; missing as long as there is none. */
  readonly firstChannel?: FirstChannel | undefined
}

/** The first channel of a recording, for a list. */
export interface FirstChannel {
  readonly kind: string
  /** What it was for, as people name it. */
  readonly activity: string
  readonly command?: string | undefined
  readonly exitStatus?: number | undefined
  readonly exitSignal?: string | undefined
}

/** One channel of a recorded connection. */
export interface ChannelRow {
  readonly channel: number
  readonly kind: string
  /** What it was for, as people name it: its kind, or 'sftp', 'scp', 'rsync', 'git'. */
  readonly activity: string
  readonly castFile: string
  readonly command?: string | undefined
  readonly pty: boolean
  readonly startedAt: number
  readonly endedAt?: number | undefined
  readonly exitStatus?: number | undefined
  readonly exitSignal?: string | undefined
  readonly bytes: number
  readonly truncated: boolean
}

/** One decision on a command. `offset` is in seconds since the start of its channel. */
export interface CommandRow {
  readonly channel: number
  readonly at: number
  readonly offset: number
  readonly text: string
  readonly effect: 'allow' | 'deny'
  readonly rule: string
  readonly argv: readonly (readonly string[])[]
  readonly message?: string | undefined
  /** False when the command was let through without being understood. */
  readonly judged: boolean
  /** True when people were asked before it was decided. */
  readonly held: boolean
}

/** A recording with all that belongs to it. */
export interface RecordingDetail {
  readonly recording: RecordingRow
  readonly channels: readonly ChannelRow[]
  readonly commands: readonly CommandRow[]
}

/**
 * A page of recordings, newest first; `next` continues after its last one. A page that looked
 * through many recordings and found few ends early: then `searchedTo` says how far back it looked.
 */
export interface RecordingPage {
  readonly rows: readonly RecordingRow[]
  readonly next?: string | undefined
  readonly searchedTo?: number | undefined
}
