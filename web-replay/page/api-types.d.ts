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
  readonly exitStatus?: number
  readonly exitSignal?: string
}

/** A stretch of a held command: spaces, plain ASCII, or characters that could pass for others. */
export interface Piece {
  readonly kind: 'plain' | 'blank' | 'odd'
  readonly text: string
  readonly codes?: string
}

export interface HeldRow {
  readonly ticket: string
  readonly digest: string
  readonly state: 'pending' | 'approved' | 'used' | 'refused' | 'expired' | 'cancelled'
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
  readonly rule: string
  readonly judged: boolean
  readonly argv: readonly (readonly (readonly Piece[])[])[]
  readonly lines: readonly (readonly Piece[])[]
  readonly before: readonly string[]
  readonly waitsFor: string
  readonly reasonRequired: boolean
  readonly grantSeconds: number
  readonly approvals: readonly HeldApproval[]
  readonly ended?: { readonly at: number; readonly by?: string; readonly reason?: string }
  readonly barred?: string
}

export interface HeldApproval {
  readonly name: string
  readonly at: number
  readonly reason: string
  readonly grantSeconds: number
}

export interface HeldPage {
  readonly now: number
  readonly freshUntil: number
  readonly total: number
  readonly rows: readonly HeldRow[]
}

export interface GrantRow {
  readonly id: string
  readonly rule: string
  readonly identity: string
  readonly target: string
  readonly login: string
  readonly until: number
  readonly by: readonly string[]
}

export type DecisionAnswer =
  | { readonly kind: 'approved'; readonly grantUntil?: number }
  | { readonly kind: 'waiting'; readonly waitsFor: string }
  | { readonly kind: 'refused' }

export interface TargetPage {
  readonly now: number
  readonly rows: readonly TargetRow[]
}

export interface TargetRow {
  readonly target: string
  readonly login: string
  readonly labels: Readonly<Record<string, string>>
  readonly key: string
  readonly version: number
  readonly createdAt: number
  readonly fingerprint: string
  readonly seen?: { readonly at: number; readonly result: string; readonly problem?: string }
  readonly rotation?: {
    readonly phase: string
    readonly changedAt: number
    readonly problem?: string
    readonly places: readonly {
      readonly target: string
      readonly login: string
      readonly step: string
      readonly problem?: string
    }[]
  }
}

export interface PlanPlace {
  readonly target: string
  readonly login: string
  readonly found: readonly string[]
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
}
