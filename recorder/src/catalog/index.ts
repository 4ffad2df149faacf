export { type Catalog, type CatalogOptions, openCatalog } from './catalog.ts'
export type { ClosedChannel, EndedRecording, OpenedChannel, StartedRecording } from './changes.ts'
export type { CatalogReader } from './reader.ts'
export type {
  ChannelRow,
  CommandRow,
  FirstChannel,
  RecordingDetail,
  RecordingPage,
  RecordingRow,
  RecordingStatus,
} from '../rows/index.ts'
export { RecorderError, type RecorderErrorCode } from '../errors.ts'
