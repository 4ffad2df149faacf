export { activityOf } from './activity.ts'
export { createRecorder, newRecordingId, type Recorder } from './connection-recorder.ts'
export type { RecordingDeps } from './deps.ts'
export { createLiveFeed, type LiveFeed, type Watched } from './live-feed.ts'
