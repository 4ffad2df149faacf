import type { Outline, Segment, TranscriptLine } from '@sallyport/recorder/replay'

/** A place in a transcript: so many lines after the beginning of a segment. */
export interface Place {
  readonly segment: number
  readonly line: number
}

const PLACE = /^([0-9]{1,6})\.([0-9]{1,9})$/

/** Returns the place in `text`; the beginning when there is none, undefined when it is malformed or not in `outline`. */
export function parsePlace(text: unknown, outline: Outline): Place | undefined {
  if (text === undefined) return { segment: 0, line: 0 }
  const found = typeof text === 'string' ? PLACE.exec(text) : null
  if (found === null) return undefined
  const place = { segment: Number(found[1]), line: Number(found[2]) }
  // Of a recording that is still gone through there will be more.
  const end = outline.segments.length + (outline.isPartial === true ? 1 : 0)
  return place.segment < end ? place : undefined
}

export function placeText({ segment, line }: Place): string {
  return `${segment}.${line}`
}

/** Returns the part of the file that a segment is, and where the next one begins. */
export function rangeOf(
  outline: Outline,
  index: number,
): { readonly segment: Segment; readonly from: number; readonly to: number } | undefined {
  const segment = outline.segments[index]
  if (segment === undefined) return undefined
  return { segment, from: segment.from, to: outline.segments[index + 1]?.from ?? outline.size }
}

export interface WindowOptions {
  readonly outline: Outline
  readonly place: Place
  /** Returns the lines of one segment. */
  readonly linesOf: (index: number) => Promise<AsyncIterable<readonly TranscriptLine[]> | undefined>
  /** Takes a line; false when it is the last that is wanted. */
  readonly take: (line: TranscriptLine) => boolean
  /** Segments that are looked through at most. */
  readonly mostSegments: number
}

/** Goes through a transcript from `place` on. Returns where to go on; undefined at its end. */
export async function walk(options: WindowOptions): Promise<Place | undefined> {
  const { outline, place, linesOf, take, mostSegments } = options
  const last = Math.min(outline.segments.length, place.segment + mostSegments)
  for (let index = place.segment; index < last; index += 1) {
    const lists = await linesOf(index)
    if (lists === undefined) return undefined
    const skip = index === place.segment ? place.line : 0
    let line = 0
    for await (const lines of lists) {
      for (const each of lines) {
        line += 1
        if (line > skip && !take(each)) return { segment: index, line }
      }
    }
  }
  const isMore = last < outline.segments.length || outline.isPartial === true
  return isMore ? { segment: Math.max(last, place.segment), line: 0 } : undefined
}
