import { openCast, type RecordingFile } from '../../store/find.ts'
import { makeOutline } from '../make-outline.ts'
import type { Outline } from '../outline.ts'
import { keptOutlines } from './kept-outlines.ts'
import { runJob } from './run-job.ts'

/** A larger cast is gone through once, by a thread, and cut into segments. */
export const LARGE_BYTES = 20_000_000
const MOST_IN_MEMORY = 8
const MOST_WAITING = 64
/** Milliseconds for which the outline of a recording that grows is good enough. */
const GOOD_FOR = 30_000

/** What there is of an outline. */
export type OutlineAnswer =
  | { readonly kind: 'outline'; readonly outline: Outline }
  /** It is being made; `done` goes from 0 to 1. */
  | { readonly kind: 'preparing'; readonly done: number }
  | { readonly kind: 'none' }

/** The outlines of recorded channels. */
export interface Outlines {
  get(recordingId: string, channel: number): Promise<OutlineAnswer>
  /** Has the outline made, if it is one that takes long, before somebody asks for it. */
  prepare(recordingId: string, channel: number): Promise<void>
  /** Gives up what is being made. */
  close(): Promise<void>
}

export interface OutlinesOptions {
  /** The folder in which `recordings` lies. */
  readonly root: string
  /** Milliseconds. */
  readonly now: () => number
  readonly onError: (error: unknown) => void
  readonly largeBytes?: number
}

interface Made {
  readonly outline: Outline
  readonly at: number
}

/** Returns the outlines of the recordings below `root`. The caller closes them. */
export function openOutlines(options: OutlinesOptions): Outlines {
  const { root, now, onError, largeBytes = LARGE_BYTES } = options
  const kept = keptOutlines(root)
  const made = new Map<string, Made>()
  const progress = new Map<string, number>()
  const failed = new Map<string, number>()
  const aborter = new AbortController()
  const { signal } = aborter
  let queue: Promise<void> = Promise.resolve()

  function remember(key: string, outline: Outline, at = now()): OutlineAnswer {
    made.delete(key)
    made.set(key, { outline, at })
    const oldest = made.size > MOST_IN_MEMORY ? made.keys().next().value : undefined
    if (oldest !== undefined) made.delete(oldest)
    return { kind: 'outline', outline }
  }

  async function make(recordingId: string, channel: number, size: number): Promise<void> {
    const key = `${recordingId}/${channel}`
    const onProgress = (bytes: number): void => void progress.set(key, bytes / size)
    const job = { root, recordingId, channel, size }
    try {
      const outline = await runJob({ ...job, screen: true }, { onProgress, signal }).catch(
        (error: unknown) => {
          if (!signal.aborted) onError(error)
          return runJob({ ...job, screen: false }, { onProgress, signal })
        },
      )
      if (outline === undefined) return
      remember(key, outline)
      await kept.write(recordingId, channel, outline)
    } catch (error) {
      failed.set(key, size)
      if (failed.size > MOST_WAITING) failed.clear()
      if (!signal.aborted) onError(error)
    } finally {
      progress.delete(key)
    }
  }

  function begin(recordingId: string, channel: number, size: number): void {
    const key = `${recordingId}/${channel}`
    if (progress.has(key) || progress.size >= MOST_WAITING || signal.aborted) return
    progress.set(key, 0)
    queue = queue.then(() => make(recordingId, channel, size))
  }

  async function getOpen(
    file: RecordingFile,
    recordingId: string,
    channel: number,
  ): Promise<OutlineAnswer> {
    const key = `${recordingId}/${channel}`
    const { size } = file
    const known = made.get(key)
    if (known !== undefined && (known.outline.size === size || isFresh(known, size))) {
      return remember(key, known.outline, known.at)
    }
    if (size <= largeBytes) return remember(key, await makeOutline(file.chunks(), { size }))
    const old = await kept.read(recordingId, channel)
    if (old?.size === size) return remember(key, old)
    if (failed.get(key) === size) return { kind: 'none' }
    begin(recordingId, channel, size)
    return { kind: 'preparing', done: progress.get(key) ?? 0 }
  }

  function isFresh({ outline, at }: Made, size: number): boolean {
    return size > largeBytes && outline.size <= size && now() - at < GOOD_FOR
  }

  return {
    async get(recordingId, channel) {
      const file = await openCast(root, recordingId, channel)
      if (file === undefined) return { kind: 'none' }
      try {
        return await getOpen(file, recordingId, channel)
      } finally {
        await file.close()
      }
    },
    async prepare(recordingId, channel) {
      const file = await openCast(root, recordingId, channel)
      if (file === undefined) return
      await file.close()
      if (file.size > largeBytes) begin(recordingId, channel, file.size)
    },
    async close() {
      aborter.abort()
      await queue
    },
  }
}
