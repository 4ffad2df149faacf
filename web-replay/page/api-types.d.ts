import type { RecordingDetail, RecordingRow, SearchHit } from '@sallyport/recorder/rows'

/** What the API sends. Times are milliseconds since the epoch, offsets seconds into a cast. */

export type { ChannelRow, CommandRow, FirstChannel, SearchHit } from '@sallyport/recorder/rows'

export type SessionRow = Omit<RecordingRow, 'claims'> & Partial<Pick<RecordingRow, 'claims'>>

export interface SessionPage {
  readonly rows: readonly SessionRow[]
  readonly next?: string
  readonly searchedTo?: number
}

export type SessionDetail = Omit<RecordingDetail, 'recording'> & { readonly recording: SessionRow }

export interface HitGroup {
  readonly recording: SessionRow
  readonly hits: readonly SearchHit[]
  readonly more: number
}

export interface HitPage {
  readonly groups: readonly HitGroup[]
  readonly next?: string
  readonly waiting: number
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
  /** What sets it apart from those of another session. */
  readonly remark?: string
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
