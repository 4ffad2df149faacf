import type { Catalog } from '@sallyport/recorder/catalog'
import type { ChannelLimits, RecordingStore } from '@sallyport/recorder/recording'
import type { LiveFeed } from './live-feed.ts'

/** What recordings are made with. */
export interface RecordingDeps {
  readonly store: RecordingStore
  readonly catalog: Catalog
  readonly limits: ChannelLimits
  readonly live: LiveFeed
  /** Hears of each channel whose recording is complete. */
  readonly onRecorded: (recordingId: string, channel: number) => void
  readonly policyRevision: () => string
  readonly now: () => Date
}
