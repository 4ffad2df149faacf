import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BenchBed } from '../bed.ts'
import { percentile, row, type BenchOptions, type Row } from '../row.ts'

/** Round trips before the first that counts: a bastion and an sshd run for weeks, neither is judged by its first bytes. */
const WARM = 2000

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
  // Byte by byte in turn, both meet the same machine; a bulk transfer would load the other one too.
  const groups = beside ? HOSTS.map((host) => [host]) : [HOSTS]
  for (let round = 0; round < rounds; round += 1) {
    for (const group of groups) await series(config, group, count, beside, times)
  }
  return times
}

async function series(
  config: string,
  hosts: readonly Host[],
  count: number,
  beside: boolean,
  times: Record<Host, number[]>,
): Promise<void> {
  const sessions = hosts.map((host) => startEcho(config, host))
  for (const { child } of sessions) {
    for (let warm = 0; warm < WARM; warm += 1) await roundTrip(child)
  }
  // Begun last, so that it is still under way at the last byte that counts.
  const bulks = beside ? hosts.map((host) => startBulk(config, host)) : []
  if (beside) await sleep(1000)
  for (let n = 0; n < count; n += 1) {
    for (const { host, child } of sessions) {
      times[host].push(await roundTrip(child))
      await sleep(2)
    }
  }
  for (const { child } of sessions) child.stdin.end()
  for (const { child } of bulks) child.kill()
  await Promise.all([...sessions, ...bulks].map(({ exited }) => exited))
}

function startEcho(config: string, host: Host) {
  const child = spawn('ssh', ['-F', config, host, 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] })
  return { host, child, exited: once(child, 'exit') }
}

function startBulk(config: string, host: Host) {
  const child = spawn('ssh', ['-F', config, host, 'head -c 2000000000 /dev/zero'], {
    stdio: 'ignore',
  })
  return { child, exited: once(child, 'exit') }
}

async function roundTrip(child: ChildProcessByStdio<Writable, Readable, null>): Promise<number> {
  const started = performance.now()
  const back = once(child.stdout, 'data')
  child.stdin.write('x')
  await back
  return performance.now() - started
}
