import type { ChannelTotals } from '../asciicast/cast.ts'
import type { CastMarker } from '../view/cast-markers.ts'
import type { DressingState } from './dressing.ts'
import type { FileRow } from './file-rows.ts'
import type { ShownState } from '../view/shown-events.ts'

/** Idle stretches are cut to this where idling is skipped, in seconds. */
export const IDLE_LIMIT = 2

/** All that a replay needs to know of one recorded channel before any of its output. Times are in seconds. */
export interface Outline {
  readonly version: 2
  /** Bytes of the file that it was made from: a running recording grows. */
  readonly size: number
  /** Only the beginning was gone through so far; its last segment ends where the next one will begin. */
  readonly isPartial?: true
  readonly term: TermSize
  /** False where nothing is known of a terminal. */
  readonly pty: boolean
  readonly duration: number
  /** Shown events; with none there is nothing to replay. */
  readonly events: number
  /** Stretches without any event, longer than the limit. */
  readonly gaps: readonly Gap[]
  readonly activity: Activity
  readonly markers: readonly PlacedMarker[]
  readonly files: readonly FileRow[]
  readonly totals?: ChannelTotals
  /** What is wrong with the recording, in sentences. */
  readonly problems: readonly string[]
  /** At least one; each can be shown without those before it. */
  readonly segments: readonly Segment[]
}

export interface TermSize {
  readonly cols: number
  readonly rows: number
}

export type Gap = readonly [start: number, length: number]

/** Characters of output in each of equal stretches of time. */
export interface Activity {
  readonly step: number
  readonly stdout: readonly number[]
  readonly stderr: readonly number[]
}

/** The label is as it was recorded. */
export interface PlacedMarker extends CastMarker {
  /** What was noted with it. */
  readonly detail?: Readonly<Record<string, unknown>>
}

/**
 * A part of a cast file. `at`, `end` and `cut` are microseconds: when it starts, when its last event is, and how much
 * idling lies before it.
 */
export interface Segment {
  readonly from: number
  readonly at: number
  readonly end: number
  readonly cut: number
  readonly shown: ShownState
  readonly dressing: DressingState
  readonly screen: Screenful
}

/** A terminal's size, and the text that makes a fresh one of that size look as it did. */
export interface Screenful extends TermSize {
  readonly text: string
}
