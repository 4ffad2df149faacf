export { activityOf } from './activity.ts'
export { createRecorder, type Recorder } from './connection-recorder.ts'
export type { RecordingDeps } from './deps.ts'
