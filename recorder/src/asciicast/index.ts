export type {
  CastEvent,
  CastHeader,
  CastSession,
  CastTerm,
  ChannelTotals,
  Gap,
  Note,
  StreamNumber,
  StreamTotals,
} from './cast.ts'
export { type Cast, type CastProblem, decodeCast, type DecodedLine, decodeLine } from './decode.ts'
export { decodeGap, decodeNote } from './decode-details.ts'
export { decodeHeader } from './decode-header.ts'
export { encodeEvent, encodeHeader } from './encode.ts'
export { LineSplitter, type SplitLine } from './lines.ts'
export { reconstruct, type ReconstructedStreams } from './reconstruct.ts'
export { SECONDS_SIZE, writeSeconds } from './seconds.ts'
export { clampTerm, parseTermSize } from './term.ts'
export { type Clock, Timeline } from './timeline.ts'
export { RecorderError, type RecorderErrorCode } from '../errors.ts'
