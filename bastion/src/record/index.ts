export { recordConnection, type RecordingDeps } from './connection-recorder.ts'
