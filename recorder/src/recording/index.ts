export type { ChannelLimits } from './channel-encoder.ts'
export {
  type ChannelKind,
  type ChannelOptions,
  type ChannelRecording,
  type ChannelSummary,
  type CommandDecision,
} from './channel-recording.ts'
export type { ConnectionOptions, ConnectionRecording } from './connection-recording.ts'
export type { RecordingFiles } from './files.ts'
export {
  createRecordingStore,
  type RecordingStore,
  type RecordingStoreOptions,
} from './recording-store.ts'
export { RecorderError, type RecorderErrorCode } from '../errors.ts'
