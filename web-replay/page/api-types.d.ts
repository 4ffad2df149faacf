/** What the API sends. Times are milliseconds since the epoch, offsets seconds into a cast. */

export interface SessionRow {
  readonly id: string
  readonly startedAt: number
  readonly endedAt?: number
  readonly status: 'running' | 'ended' | 'interrupted' | 'failed'
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
  readonly firstChannel?: FirstChannel
  readonly claims?: Readonly<Record<string, unknown>>
}

export interface FirstChannel {
  readonly kind: string
  readonly command?: string
  readonly exitStatus?: number
  readonly exitSignal?: string
}

export interface SessionPage {
  readonly rows: readonly SessionRow[]
  readonly next?: string
}

export interface ChannelRow {
  readonly channel: number
  readonly kind: string
  readonly command?: string
  readonly pty: boolean
  readonly startedAt: number
  readonly endedAt?: number
  readonly exitStatus?: number
  readonly exitSignal?: string
  readonly bytes: number
  readonly truncated: boolean
}

export interface CommandRow {
  readonly channel: number
  readonly at: number
  readonly offset: number
  readonly text: string
  readonly effect: 'allow' | 'deny'
  readonly rule: string
  readonly message?: string
  readonly judged: boolean
}

export interface SessionDetail {
  readonly recording: SessionRow
  readonly channels: readonly ChannelRow[]
  readonly commands: readonly CommandRow[]
}

export interface CastMarker {
  readonly time: number
  readonly label: string
  readonly kind: string
}

/** One place in a cast that a reviewer can jump to. */
export interface Chapter {
  readonly channel: number
  readonly offset: number
  readonly text: string
  readonly effect: 'allow' | 'deny' | 'unjudged' | 'marker' | 'gap'
  readonly note?: string
}
