export {
  LARGE_BYTES,
  openOutlines,
  type OutlineAnswer,
  type Outlines,
  type OutlinesOptions,
} from './build/outlines.ts'
export type { FileRow } from './file-rows.ts'
export { LiveTail, type LiveNews } from './live-tail.ts'
export { makeBeginning, makeOutline, type MakeOutlineOptions } from './make-outline.ts'
export {
  type Activity,
  type Gap,
  IDLE_LIMIT,
  type Outline,
  type PlacedMarker,
  type Screenful,
  type Segment,
  type TermSize,
} from './outline.ts'
export { outlineAt } from './outline-at.ts'
export { type PlayerIndex, playerIndex } from './player-index.ts'
export type { ScreenKeeper } from './screen/screen-keeper.ts'
export { LazyScreen } from './screen/lazy-screen.ts'
export { TerminalScreen } from './screen/terminal-screen.ts'
export { type PlayerEvent, segmentEvents } from './segment-events.ts'
export { transcript, type TranscriptLine } from './transcript.ts'
