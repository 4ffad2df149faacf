import { numberedLines } from './numbered-lines.ts'
import type { Outline } from './outline.ts'
import { OutlineMaker } from './outline-maker.ts'
import type { ScreenKeeper } from './screen/screen-keeper.ts'

export interface MakeOutlineOptions {
  readonly size: number
  /** Cuts the recording into segments of about so many bytes; without a screen they begin with an empty one. */
  readonly partBytes?: number
  readonly screen?: ScreenKeeper
  /** Hears, now and then, how many bytes were read. */
  readonly onProgress?: (bytes: number) => void
  /** Hears of each segment that is complete; `soFar` returns the outline of all of those. */
  readonly onSegment?: (soFar: () => Outline | undefined) => void
}

const WITHOUT_SCREEN =
  'what the terminal showed could not be worked out in time: after a jump only what was printed since the start of that part is on the screen'

/** Returns the outline of a cast file, read from its beginning. */
export async function makeOutline(
  chunks: AsyncIterable<Uint8Array>,
  options: MakeOutlineOptions,
): Promise<Outline> {
  const { size, partBytes = Infinity, screen, onProgress, onSegment } = options
  const maker = new OutlineMaker(partBytes)
  for await (const lines of numberedLines(chunks)) {
    for (const line of lines) {
      const { boundary, events } = maker.take(line)
      if (line.kind === 'header') screen?.begin(maker.term)
      if (boundary) {
        onSegment?.(() => maker.soFar())
        if (screen !== undefined) maker.screen(await screen.now())
      }
      maker.count(events)
      for (const event of events) screen?.take(event)
    }
    const last = lines.at(-1)
    if (last !== undefined) onProgress?.(last.from)
  }
  return maker.finish(size, partBytes < size && screen === undefined ? [WITHOUT_SCREEN] : [])
}

/**
 * Returns the outline of the first segment of a cast file, which needs no screen to begin with; undefined when `chunks`
 * end before it does.
 */
export async function makeBeginning(
  chunks: AsyncIterable<Uint8Array>,
  partBytes: number,
): Promise<Outline | undefined> {
  const maker = new OutlineMaker(partBytes)
  for await (const lines of numberedLines(chunks)) {
    for (const line of lines) {
      const { boundary, events } = maker.take(line)
      if (boundary) return maker.soFar()
      maker.count(events)
    }
  }
  return undefined
}
