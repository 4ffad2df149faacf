import { Worker } from 'node:worker_threads'
import { RecorderError } from '../../errors.ts'
import type { Outline } from '../outline.ts'
import type { OutlineJob, OutlineNews } from './job.ts'

/** Milliseconds for any recording, and for each of its bytes. */
const LEAST_TIME = 10_000
const TIME_PER_BYTE = 1 / 2000
const MOST_MEMORY_MB = 512
/** Lines live shortly: with little room for the young most of the time would go into collecting them. */
const YOUNG_MB = 32

export interface RunJobOptions {
  readonly onProgress: (bytes: number) => void
  /** Hears, now and then, the outline of what was gone through. */
  readonly onPart: (soFar: Outline) => void
  readonly signal: AbortSignal
}

/**
 * Resolves to the outline that a thread of its own made, or to undefined when the recording is gone. Output can be made
 * that an emulator chokes on: a thread that takes too long is ended. Rejects then (ERR_RECORDER_OUTLINE).
 */
export async function runJob(
  job: OutlineJob,
  { onProgress, onPart, signal }: RunJobOptions,
): Promise<Outline | undefined> {
  const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js'
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData: job,
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MB, maxYoungGenerationSizeMb: YOUNG_MB },
  })
  const { promise, resolve, reject } = Promise.withResolvers<Outline | undefined>()
  const fail = (cause: unknown): void =>
    reject(
      new RecorderError('ERR_RECORDER_OUTLINE', 'the recording could not be gone through', cause),
    )
  const stop = (): void => fail(new Error('it took too long, or was given up'))
  const timer = setTimeout(stop, LEAST_TIME + job.size * TIME_PER_BYTE)
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  worker.on('message', (news: OutlineNews) => {
    if (news.kind === 'read') onProgress(news.bytes)
    else if (news.kind === 'part') onPart(news.soFar)
    else resolve(news.kind === 'done' ? news.outline : undefined)
  })
  worker.on('error', fail)
  worker.on('exit', fail)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
    await worker.terminate()
  }
}
