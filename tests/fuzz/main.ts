/**
 * Judges generated lines of shell fragments under a policy that allows their programs, runs the canonical
 * text of every line that is allowed on bash, dash and busybox ash, and compares what ran with what was
 * decided. It ends with 1 at the first difference.
 *
 *     npm run fuzz -- [--count N] [--seed N]
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { openShellJail, shells } from '../src/bastion/decide/shell-jail.ts'
import { soup, soupPrograms, soupWrappers } from '../src/bastion/decide/soup.ts'
import { accept, allowAll, compareSent } from '../src/bastion/decide/what-runs.ts'

const batch = 5000

const { values } = parseArgs({
  options: { count: { type: 'string', default: '200000' }, seed: { type: 'string' } },
})
const count = Number(values.count)
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed)
console.log(`seed ${seed}, ${count} inputs, on ${shells.join(', ')}`)

const jail = openShellJail({ stubs: soupPrograms, functions: true })
const totals = { judged: 0, allowed: 0, ran: 0 }
try {
  // In turn: rules that spell every program out, and rules only for what wrappers run.
  const policies = [soupPrograms, soupPrograms.filter((program) => !soupWrappers.has(program))].map(
    (programs) => allowAll(programs, jail.out),
  )
  const ran = new Set<string>()
  for (let at = 0; totals.judged < count; at += 1) {
    const numRuns = Math.min(batch, count - totals.judged)
    const inputs = fc.sample(soup(jail.out), { numRuns, seed: seed + at })
    const policy = policies[at % 2]
    if (policy === undefined) break
    const allowed = inputs.map((input) => accept(policy, input)).filter((one) => one !== undefined)
    const fresh = allowed.filter(({ send }) => !ran.has(send))
    for (const { send } of fresh) ran.add(send)
    await compareSent(jail, fresh)
    totals.judged += inputs.length
    totals.allowed += allowed.length
    totals.ran = ran.size
    console.log(
      `${totals.judged} judged, ${totals.allowed} allowed, ${totals.ran} different texts ran as decided`,
    )
  }
} finally {
  jail.remove()
}
