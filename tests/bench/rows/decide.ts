import { parsePolicy } from '@sallyport/bastion/decide'
import type { BenchBed } from '../bed.ts'
import { percentile, row, type BenchOptions, type Row } from '../row.ts'

const LINES = [
  'systemctl status shop-api-17.service --no-pager',
  'tail -n 200 /var/log/shop-42/api.log',
  'df -h && uptime',
  'ls -la /srv/shop-3/releases | head -n 20',
  'rm -rf / --no-preserve-root',
  "grep -rn 'a b' /etc/shop-9",
]

/** Microseconds for one decision on a one-line command with 200 rules. */
export async function decide(_bench: BenchBed, options: BenchOptions): Promise<Row[]> {
  if (!options.wants('decide')) return []
  options.progress('decide')
  const parsed = parsePolicy(policyText())
  if (parsed.kind === 'invalid') throw new Error(JSON.stringify(parsed.problems))
  const { policy } = parsed
  const times: number[] = []
  const count = options.quick ? 5_000 : 30_000
  for (let n = 0; n < count; n += 1) {
    const command = Buffer.from(LINES[n % LINES.length] ?? '')
    const started = process.hrtime.bigint()
    policy.decide({
      kind: 'exec',
      command,
      identity: { name: 'ci', groups: ['ci'], claims: {}, issuer: 'ci', subject: 'x' },
      target: { name: 'web-1', labels: { env: 'prod' } },
      login: 'deploy',
    })
    times.push(Number(process.hrtime.bigint() - started) / 1000)
  }
  return [
    row('decide.p50', 'us', 'lower', percentile(times, 0.5), null),
    row('decide.p99', 'us', 'lower', percentile(times, 0.99), null),
  ]
}

function policyText(): string {
  const rules: string[] = []
  for (let n = 0; n < 50; n += 1) {
    rules.push(
      `  - { id: status-${n}, effect: allow, who: { groups: [ci] }, run: { argv: [systemctl, { oneOf: [status, show] }, { glob: 'shop-*-${n}.service' }], options: [--no-pager] } }`,
      `  - { id: logs-${n}, effect: allow, where: { labels: { env: prod } }, run: { argv: [tail], options: [{ -n: { int: [1, 5000] } }], rest: { each: { path: '/var/log/shop-${n}/*.log' }, max: 4 } } }`,
      `  - { id: list-${n}, effect: allow, run: { argv: [ls], options: [-l, -a], rest: { each: { path: '/srv/shop-${n}/**' }, max: 2 } } }`,
      `  - { id: never-${n}, effect: deny, run: { argv: [rm, '/srv/shop-${n}'], rest: any } }`,
    )
  }
  return `version: 1\nrules:\n${rules.join('\n')}\n`
}
