export { createRecorder, type Recorder, type RecordingDeps } from './connection-recorder.ts'
