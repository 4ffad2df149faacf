export { createRecorder, newRecordingId, type Recorder } from './connection-recorder.ts'
export type { RecordingDeps } from './deps.ts'
