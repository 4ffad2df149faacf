/**
 * Rotates the keys of many real targets in one run, with faults at some of them, and compares what the bastion says with
 * what stands at each. It ends with 1 when anything does not fit.
 *
 *     npm run fleet -- [--count N]
 */
import { parseArgs } from 'node:util'
import { openManyTargets, rotateMany, type Fault } from '../src/bastion/rotate/many.ts'

const { values } = parseArgs({ options: { count: { type: 'string', default: '200' } } })
const count = Number(values.count)
const faults = new Map<string, Fault>()
for (let at = 7; at < count; at += 20)
  faults.set(`t${at}`, at % 40 === 7 ? 'no-shell' : 'second-copy')

const many = await openManyTargets(count, faults)
try {
  const started = performance.now()
  const { stops, wrong } = await rotateMany(many, faults, 3)
  const seconds = Math.round((performance.now() - started) / 1000)
  for (const text of wrong) console.log(text)
  console.log(
    `${count} targets, ${faults.size} with a fault: stopped ${stops} times, ${wrong.length} untruths, ${seconds} s`,
  )
  if (wrong.length > 0) process.exitCode = 1
} finally {
  await many.close()
}
