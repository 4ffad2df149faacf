/** What the API sends of a replay. Offsets are seconds into the recording of a channel. */

export interface Outline {
  readonly size: number
  readonly duration: number
  readonly events: number
  readonly pty: boolean
  readonly idleLimit: number
  readonly gaps: readonly (readonly [start: number, length: number])[]
  readonly activity: Activity
  readonly markers: readonly Marker[]
  readonly problems: readonly string[]
  readonly totals?: Readonly<Record<'input' | 'stdout' | 'stderr', StreamTotals>>
  /** When each part begins. */
  readonly parts: readonly number[]
  /** Set while this is of the beginning alone: how much of the recording was gone through, from 0 to 1. */
  readonly preparing?: number
}

export interface Activity {
  readonly step: number
  readonly stdout: readonly number[]
  readonly stderr: readonly number[]
}

export interface Marker {
  readonly time: number
  readonly label: string
  readonly kind: string
  readonly detail?: Readonly<Record<string, unknown>>
}

export interface StreamTotals {
  readonly bytes: number
  readonly omitted: number
  readonly sha256?: string
}

export interface TranscriptLine {
  readonly time: number
  readonly text: string
  readonly kind?: 'stderr' | 'notice'
}

export interface TranscriptPage {
  readonly lines: readonly TranscriptLine[]
  readonly next?: string
}

export interface FileRow {
  readonly channel: number
  readonly time: number
  readonly via: 'sftp' | 'scp' | 'rsync' | 'git'
  readonly op: string
  readonly path: string
  readonly to?: string
  readonly allowed: boolean
  readonly rule: string
  readonly message?: string
  readonly bytes?: number
  readonly sha256?: string
  readonly ofStream?: boolean
}

export interface FilePage {
  readonly files: readonly FileRow[]
  readonly pending: boolean
  readonly more: boolean
}

export interface EventRow {
  readonly at: number
  readonly name: string
  readonly detail: unknown
}

export interface AccessRow {
  readonly at: number
  readonly event: string
  readonly channel?: number
  readonly part?: string
  readonly words?: string
  readonly name: string
  readonly subject: string
  readonly issuer: string
  readonly clientAddress: string
}

/** What a stream of a running channel says. */
export interface Screen {
  readonly time: number
  readonly cols: number
  readonly rows: number
  readonly text: string
  readonly skipped: number
}

export interface Me {
  readonly permissions: readonly string[]
  readonly csrfToken: string
}
