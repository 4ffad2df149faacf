import type { BenchBed } from '../bed.ts'
import { median, row, type BenchOptions, type Row } from '../row.ts'

const CIPHERS = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr']

/** MB/s of zeros through the relay, after a warm-up, with the same cipher on all hops. */
export async function throughput(bench: BenchBed, options: BenchOptions): Promise<Row[]> {
  const rows: Row[] = []
  const bytes = options.quick ? 150e6 : 500e6
  const rounds = options.quick ? 3 : 5
  for (const cipher of CIPHERS) {
    const short = cipher.replace('@openssh.com', '')
    const config = await bench.config(cipher)
    for (const direction of ['down', 'up'] as const) {
      const name = `throughput.${direction}.${short}`
      if (!options.wants(name)) continue
      options.progress(name)
      const rates: Record<'ours' | 'reference', number[]> = { ours: [], reference: [] }
      for (let round = 0; round <= rounds; round += 1) {
        for (const host of ['ours', 'reference'] as const) {
          const rate = await transfer(bench, config, host, direction, round === 0 ? 20e6 : bytes)
          if (round > 0) rates[host].push(rate)
        }
      }
      rows.push(row(name, 'MB/s', 'higher', median(rates.ours), median(rates.reference)))
    }
  }
  return rows
}

async function transfer(
  { bed }: BenchBed,
  config: string,
  host: string,
  direction: 'down' | 'up',
  bytes: number,
): Promise<number> {
  const script =
    direction === 'down'
      ? `ssh -F ${config} ${host} 'head -c ${bytes} /dev/zero' < /dev/null | wc -c`
      : `head -c ${bytes} /dev/zero | ssh -F ${config} ${host} 'wc -c'`
  const started = performance.now()
  const { stdout, stderr } = await bed.sh(script, { timeout: 120_000 })
  const seconds = (performance.now() - started) / 1000
  if (Number(stdout) !== bytes) throw new Error(`${host} ${direction}: got ${stdout}${stderr}`)
  return bytes / 1e6 / seconds
}
