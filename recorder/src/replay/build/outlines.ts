import { openCast, type RecordingFile } from '../../store/find.ts'
import { makeBeginning, makeOutline } from '../make-outline.ts'
import type { Outline } from '../outline.ts'
import { PART_BYTES } from './job.ts'
import { keptOutlines } from './kept-outlines.ts'
import { runJob } from './run-job.ts'

/** A larger cast is gone through by a thread, and cut into segments. */
export const LARGE_BYTES = 4_000_000
/** A larger one is gone through before anybody asks for it. */
const PREPARED_BYTES = 20_000_000
const MOST_IN_MEMORY = 8
const MOST_WAITING = 64
/** Milliseconds for which the outline of a recording that grows is good enough. */
const GOOD_FOR = 30_000

/** What there is of an outline. */
export type OutlineAnswer =
  /** With `done`, which goes from 0 to 1, it is one of the beginning: the rest is being gone through. */
  | { readonly kind: 'outline'; readonly outline: Outline; readonly done?: number }
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

/** How far a recording was gone through. */
interface Progress {
  bytes: number
  readonly size: number
  soFar: Outline | undefined
}

/** Returns the outlines of the recordings below `root`. The caller closes them. */
export function openOutlines(options: OutlinesOptions): Outlines {
  const { root, now, onError, largeBytes = LARGE_BYTES } = options
  const kept = keptOutlines(root)
  const made = new Map<string, Made>()
  const progress = new Map<string, Progress>()
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

  async function make(recordingId: string, channel: number, state: Progress): Promise<void> {
    const key = `${recordingId}/${channel}`
    const { size } = state
    const hear = {
      onProgress: (bytes: number): void => void (state.bytes = bytes),
      onPart: (soFar: Outline): void => void (state.soFar = soFar),
      signal,
    }
    const job = { root, recordingId, channel, size }
    try {
      const outline = await runJob({ ...job, screen: true }, hear).catch((error: unknown) => {
        if (!signal.aborted) onError(error)
        return runJob({ ...job, screen: false }, hear)
      })
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

  function begin(recordingId: string, channel: number, size: number): Progress | undefined {
    const key = `${recordingId}/${channel}`
    const known = progress.get(key)
    if (known !== undefined || progress.size >= MOST_WAITING || signal.aborted) return known
    const state: Progress = { bytes: 0, size, soFar: undefined }
    progress.set(key, state)
    queue = queue.then(() => make(recordingId, channel, state))
    return state
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
    const state = begin(recordingId, channel, size)
    if (state === undefined) return { kind: 'preparing', done: 0 }
    // A thread takes its time to start, and others may be before it.
    const soFar =
      state.soFar ?? (await makeBeginning(file.chunks({ to: 2 * PART_BYTES }), PART_BYTES))
    state.soFar ??= soFar
    const done = state.bytes / size
    return soFar === undefined
      ? { kind: 'preparing', done }
      : { kind: 'outline', outline: soFar, done }
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
      if (file.size > Math.max(largeBytes, PREPARED_BYTES)) begin(recordingId, channel, file.size)
    },
    async close() {
      aborter.abort()
      await queue
    },
  }
}
