import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { openBenchBed, type BenchBed } from '../bed.ts'
import { row, type BenchOptions, type Row } from '../row.ts'

/**
 * Resident kilobytes of a bastion for each session that is open and silent. The bastion is a new one: what other rows
 * have left behind would be given back meanwhile.
 */
export async function idle(_bench: BenchBed, options: BenchOptions): Promise<Row[]> {
  if (!options.wants('idle.rss')) return []
  options.progress('idle.rss')
  const bench = await openBenchBed()
  try {
    const config = await bench.config()
    const count = options.quick ? 60 : 200
    // The first sessions pay for code that is loaded and compiled once.
    await hold(bench, config, 60)
    const { before, during } = await hold(bench, config, count)
    return [row('idle.rss', 'KB per session', 'lower', (during - before) / count, null)]
  } finally {
    await bench.close()
  }
}

async function hold(
  { bed }: BenchBed,
  config: string,
  count: number,
): Promise<{ readonly before: number; readonly during: number }> {
  const before = await settled(bed.pid)
  const children = []
  for (let n = 0; n < count; n += 1) {
    children.push(
      spawn('ssh', ['-F', config, 'ours', 'sleep 300'], { stdio: ['ignore', 'ignore', 'inherit'] }),
    )
    if (n % 6 === 5) await sleep(400)
  }
  const during = await settled(bed.pid)
  for (const child of children) {
    const exited = once(child, 'exit')
    child.kill()
    await exited
  }
  return { before, during }
}

/** Resident kilobytes, once they have stayed what they are for ten seconds, or after a minute. */
async function settled(pid: number): Promise<number> {
  const deadline = Date.now() + 60_000
  let [kilobytes, since] = [await resident(pid), Date.now()]
  while (Date.now() < deadline && Date.now() - since < 10_000) {
    await sleep(500)
    const now = await resident(pid)
    if (Math.abs(now - kilobytes) > kilobytes / 100) [kilobytes, since] = [now, Date.now()]
  }
  return kilobytes
}

async function resident(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(status)
  if (line === null) throw new Error('no VmRSS')
  return Number(line[1])
}
