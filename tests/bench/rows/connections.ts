import type { BenchBed } from '../bed.ts'
import { median, row, type BenchOptions, type Row } from '../row.ts'

const WORKERS = 6

/** Whole connections per second: six clients that each run `true` again and again. */
export async function connections(bench: BenchBed, options: BenchOptions): Promise<Row[]> {
  if (!options.wants('connections')) return []
  options.progress('connections')
  const config = await bench.config()
  const rates: Record<'ours' | 'reference', number[]> = { ours: [], reference: [] }
  const seconds = options.quick ? 3 : 6
  for (let round = 0; round < (options.quick ? 1 : 3); round += 1) {
    for (const host of ['ours', 'reference'] as const) {
      rates[host].push(await rate(bench, config, host, seconds))
    }
  }
  return [row('connections', '1/s', 'higher', median(rates.ours), median(rates.reference))]
}

async function rate(
  { bed }: BenchBed,
  config: string,
  host: string,
  seconds: number,
): Promise<number> {
  const script = `
    worker() { n=0; while [ $(date +%s%N) -lt $1 ]; do ssh -F ${config} ${host} true < /dev/null && n=$((n+1)); done; echo $n; }
    end=$(( $(date +%s%N) + ${seconds}000000000 ))
    for i in $(seq ${WORKERS}); do worker $end & done; wait`
  const started = performance.now()
  const { stdout } = await bed.sh(script, { timeout: 60_000 })
  const elapsed = (performance.now() - started) / 1000
  const done = stdout.split('\n').reduce((sum, line) => sum + Number(line), 0)
  return done / elapsed
}
