import type { RecordingDetail, RecordingRow, SearchHit } from '@sallyport/recorder/rows'

/** What the API sends. Times are milliseconds since the epoch, offsets seconds into a cast. */

export type { ChannelRow, CommandRow, FirstChannel, SearchHit } from '@sallyport/recorder/rows'
export type { DecisionAnswer, GrantRow, HeldPage, HeldRow, Piece } from '@sallyport/web-replay/rows'

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

export interface TargetPage {
  readonly now: number
  readonly frozen?: { readonly name: string; readonly until: number }
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
  readonly run?: {
    readonly id: string
    readonly by: string
    readonly isUnderWay: boolean
    readonly state: string
    readonly problem?: string
  }
  readonly next?: {
    readonly schedule: string
    readonly due?: number
    readonly begins?: number
    readonly blocked?: string
  }
}

export interface PlanPlace {
  readonly target: string
  readonly login: string
  readonly found: readonly string[]
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
}
