import type { Catalog } from '@sallyport/recorder/catalog'
import type { ChannelLimits, RecordingStore } from '@sallyport/recorder/recording'

/** What recordings are made with. */
export interface RecordingDeps {
  readonly store: RecordingStore
  readonly catalog: Catalog
  readonly limits: ChannelLimits
  readonly policyRevision: () => string
  readonly now: () => Date
}
