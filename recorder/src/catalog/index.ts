export {
  type Catalog,
  type CatalogOptions,
  type ClosedChannel,
  type EndedRecording,
  openCatalog,
  type OpenedChannel,
  type StartedRecording,
} from './catalog.ts'
export type { CatalogReader } from './reader.ts'
export type {
  ChannelRow,
  CommandRow,
  FirstChannel,
  RecordingDetail,
  RecordingPage,
  RecordingRow,
  RecordingStatus,
} from './rows.ts'
export { RecorderError, type RecorderErrorCode } from '../errors.ts'
