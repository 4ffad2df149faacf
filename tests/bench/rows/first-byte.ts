import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { BenchBed } from '../bed.ts'
import { median, row, type BenchOptions, type Row } from '../row.ts'

/** Milliseconds from the start of ssh to the first byte of a command's output. */
export async function firstByte(bench: BenchBed, options: BenchOptions): Promise<Row[]> {
  if (!options.wants('ttfb')) return []
  options.progress('ttfb')
  const config = await bench.config()
  const times: Record<'ours' | 'reference', number[]> = { ours: [], reference: [] }
  const rounds = options.quick ? 10 : 30
  for (let round = 0; round < rounds; round += 1) {
    for (const host of ['ours', 'reference'] as const) times[host].push(await once1(config, host))
  }
  return [row('ttfb', 'ms', 'lower', median(times.ours), median(times.reference))]
}

async function once1(config: string, host: string): Promise<number> {
  const started = performance.now()
  const child = spawn('ssh', ['-F', config, host, 'echo hi'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  await once(child.stdout, 'data')
  const elapsed = performance.now() - started
  await exited
  return elapsed
}
