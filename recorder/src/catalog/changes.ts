import type { ChannelRow, RecordingRow, RecordingStatus } from '../rows/index.ts'

/** A recording that begins. */
export type StartedRecording = Omit<
  RecordingRow,
  'endedAt' | 'status' | 'bytes' | 'commands' | 'denied' | 'firstChannel'
>

/** A channel that begins. */
export type OpenedChannel = Pick<
  ChannelRow,
  'channel' | 'kind' | 'activity' | 'castFile' | 'command' | 'pty' | 'startedAt'
>

/** A channel that ended. */
export type ClosedChannel = Pick<
  ChannelRow,
  'channel' | 'exitStatus' | 'exitSignal' | 'bytes' | 'truncated'
> & {
  readonly endedAt: number
}

/** How a recording ended. */
export interface EndedRecording {
  readonly endedAt: number
  readonly status: Exclude<RecordingStatus, 'running'>
}
