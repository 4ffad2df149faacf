import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BenchBed } from '../bed.ts'
import { percentile, row, type BenchOptions, type Row } from '../row.ts'

type Host = 'ours' | 'reference'
const HOSTS: readonly Host[] = ['ours', 'reference']

/** Milliseconds for one byte there and back through `cat`, alone and beside a bulk download. */
export async function echo(bench: BenchBed, options: BenchOptions): Promise<Row[]> {
  const rows: Row[] = []
  const config = await bench.config('aes128-gcm@openssh.com')
  const count = options.quick ? 200 : 600
  const rounds = options.quick ? 2 : 3
  if (options.wants('echo.p50') || options.wants('echo.p99')) {
    options.progress('echo')
    const times = await collect(config, count, rounds, false)
    rows.push(
      row('echo.p50', 'ms', 'lower', percentile(times.ours, 0.5), percentile(times.reference, 0.5)),
      row(
        'echo.p99',
        'ms',
        'lower',
        percentile(times.ours, 0.99),
        percentile(times.reference, 0.99),
      ),
    )
  }
  if (options.wants('echo.p99.besideBulk')) {
    options.progress('echo.p99.besideBulk')
    const times = await collect(config, count / 2, rounds, true)
    rows.push(
      row(
        'echo.p99.besideBulk',
        'ms',
        'lower',
        percentile(times.ours, 0.99),
        percentile(times.reference, 0.99),
      ),
    )
  }
  return rows
}

async function collect(
  config: string,
  count: number,
  rounds: number,
  beside: boolean,
): Promise<Record<Host, number[]>> {
  const times: Record<Host, number[]> = { ours: [], reference: [] }
  for (let round = 0; round < rounds; round += 1) {
    for (const host of HOSTS) times[host].push(...(await series(config, host, count, beside)))
  }
  return times
}

async function series(
  config: string,
  host: Host,
  count: number,
  beside: boolean,
): Promise<number[]> {
  const bulk = beside
    ? spawn('ssh', ['-F', config, host, 'head -c 2000000000 /dev/zero'], {
        stdio: ['ignore', 'ignore', 'ignore'],
      })
    : undefined
  const child = spawn('ssh', ['-F', config, host, 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  for (let warm = 0; warm < 20; warm += 1) await roundTrip(child)
  const times: number[] = []
  for (let n = 0; n < count; n += 1) {
    times.push(await roundTrip(child))
    await sleep(2)
  }
  child.stdin.end()
  await exited
  if (bulk !== undefined) {
    const ended = once(bulk, 'exit')
    bulk.kill()
    await ended
  }
  return times
}

async function roundTrip(child: ChildProcessByStdio<Writable, Readable, null>): Promise<number> {
  const started = performance.now()
  const back = once(child.stdout, 'data')
  child.stdin.write('x')
  await back
  return performance.now() - started
}
