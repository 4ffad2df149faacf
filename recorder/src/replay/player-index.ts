import { IDLE_LIMIT, type Outline, type Segment, type TermSize } from './outline.ts'

/** What a player is given to begin with; times are in seconds of its own time. */
export interface PlayerIndex {
  readonly version: 1
  readonly term: TermSize
  readonly duration: number
  readonly segments: readonly { readonly start: number; readonly url: string }[]
}

/** Returns the index of a recording; `url` names the address of a segment by its number. */
export function playerIndex(
  { term, duration, gaps, segments }: Outline,
  { skipIdle, url }: { readonly skipIdle: boolean; readonly url: (segment: number) => string },
): PlayerIndex {
  const cut = gaps.reduce((sum, [, length]) => sum + microseconds(length) - IDLE_LIMIT * 1e6, 0)
  const played = skipIdle ? (microseconds(duration) - cut) / 1e6 : duration
  const start = (segment: Segment): number =>
    (skipIdle ? segment.at - segment.cut : segment.at) / 1e6
  return {
    version: 1,
    term,
    duration: played,
    segments: segments.map((segment, index) => ({ start: start(segment), url: url(index) })),
  }
}

function microseconds(seconds: number): number {
  return Math.round(seconds * 1e6)
}
