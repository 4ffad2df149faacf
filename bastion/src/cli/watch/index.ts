export { frameOf, type FrameSize } from './frame.ts'
export { createLiveLines, type LiveLines } from './live-lines.ts'
export { readRun, type WatchedRun } from './watched-run.ts'
export { watchRun } from './watch-run.ts'
