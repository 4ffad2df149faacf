/**
 * Measures Sallyport (policy on, recording on) beside OpenSSH's own `-J` through an sshd, alternating in one run on one
 * machine. Absolute numbers are the machine's; the ratios are ours.
 *
 *     npm run bench -- [--quick] [--only NAME,...] [--json FILE]
 */
import { writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { openBenchBed } from './bed.ts'
import { catalog } from './rows/catalog.ts'
import { connections } from './rows/connections.ts'
import { decide } from './rows/decide.ts'
import { echo } from './rows/echo.ts'
import { firstByte } from './rows/first-byte.ts'
import { idle } from './rows/idle.ts'
import { replay } from './rows/replay.ts'
import { throughput } from './rows/throughput.ts'
import type { BenchOptions, Row } from './row.ts'
import { table } from './table.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    json: { type: 'string' },
  },
})

const only = values.only?.split(',')
const options: BenchOptions = {
  quick: values.quick,
  wants: (name) => only === undefined || only.some((prefix) => name.startsWith(prefix)),
  progress: (text) => process.stderr.write(`${text}\n`),
}

const bed = await openBenchBed()
const rows: Row[] = []
try {
  for (const measure of [throughput, firstByte, connections, echo, idle, decide, catalog, replay]) {
    rows.push(...(await measure(bed, options)))
  }
} finally {
  await bed.close()
}
const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`
console.log(table(machine, rows))
if (values.json !== undefined) {
  await writeFile(values.json, `${JSON.stringify({ machine, rows }, null, 2)}\n`)
}
