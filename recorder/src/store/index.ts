export {
  encodeConnectionEvent,
  isOwnEvent,
  OWN_EVENTS,
  type OwnEvent,
} from './connection-events.ts'
export {
  findRecording,
  type FileRange,
  type FindOptions,
  openCast,
  openEvents,
  type RecordingFile,
} from './find.ts'
export { checkFreeSpace, type FreeSpace, MINIMUM_FREE_BYTES } from './free-space.ts'
export {
  castFileName,
  dayFolder,
  EVENTS_FILE,
  isChannelNumber,
  isRecordingId,
  recordingsFolder,
} from './layout.ts'
export {
  type RepairedRecording,
  type RepairOptions,
  type RepairReport,
  repairRecordings,
  type TornFile,
} from './repair.ts'
