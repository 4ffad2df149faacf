/** Runs in a thread of its own: makes one outline, says so, and ends. */
import { parentPort, workerData } from 'node:worker_threads'
import { openCast } from '../../store/find.ts'
import { makeOutline } from '../make-outline.ts'
import { TerminalScreen } from '../screen/terminal-screen.ts'
import type { OutlineJob, OutlineNews } from './job.ts'

const PART_BYTES = 500_000
const REPORT_STEP = 4_000_000

async function work(job: OutlineJob): Promise<OutlineNews> {
  const file = await openCast(job.root, job.recordingId, job.channel)
  if (file === undefined) return { kind: 'gone' }
  let reported = 0
  const outline = await makeOutline(file.chunks({ to: job.size }), {
    size: job.size,
    partBytes: PART_BYTES,
    ...(job.screen ? { screen: new TerminalScreen() } : {}),
    onProgress(bytes) {
      if (bytes - reported < REPORT_STEP) return
      reported = bytes
      say({ kind: 'read', bytes })
    },
  })
  return { kind: 'done', outline }
}

function say(news: OutlineNews): void {
  parentPort?.postMessage(news)
}

// Made by run-job.ts alone, from the same type.
say(await work(workerData as OutlineJob))
