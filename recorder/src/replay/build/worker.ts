/** Runs in a thread of its own: makes one outline, says so, and ends. */
import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { openCast } from '../../store/find.ts'
import { makeOutline } from '../make-outline.ts'
import { LazyScreen } from '../screen/lazy-screen.ts'
import { type OutlineJob, type OutlineNews, PART_BYTES } from './job.ts'

const REPORT_STEP = 4_000_000
/** Of this thread alone: sessions come first. */
const PRIORITY = 10

async function work(job: OutlineJob): Promise<OutlineNews> {
  const file = await openCast(job.root, job.recordingId, job.channel)
  if (file === undefined) return { kind: 'gone' }
  let reported = 0
  let segments = 0
  const outline = await makeOutline(file.chunks({ to: job.size }), {
    size: job.size,
    partBytes: PART_BYTES,
    ...(job.screen ? { screen: new LazyScreen() } : {}),
    onProgress(bytes) {
      if (bytes - reported < REPORT_STEP) return
      reported = bytes
      say({ kind: 'read', bytes })
    },
    onSegment(soFar) {
      segments += 1
      // Each tells of all before it: doubling keeps what is sent as small as the last.
      if (segments < 2 || (segments & (segments - 1)) !== 0) return
      const outline = soFar()
      if (outline !== undefined) say({ kind: 'part', soFar: outline })
    },
  })
  return { kind: 'done', outline }
}

function say(news: OutlineNews): void {
  parentPort?.postMessage(news)
}

setPriority(0, PRIORITY)
// Made by run-job.ts alone, from the same type.
say(await work(workerData as OutlineJob))
