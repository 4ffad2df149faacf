import assert from 'node:assert/strict'
import { resolveLine } from '@sallyport/bastion/decide/parse'
import type { Policy } from '@sallyport/bastion/decide'
import { askExec, policyOf } from './ask.ts'
import { shells, type Shell, type ShellJail } from './shell-jail.ts'

// The shells run these by themselves, so that no program can write them down.
export const builtins: ReadonlySet<string> = new Set(
  'echo printf test [ : true false command'.split(' '),
)
const failing = new Set(['false', 'test -f /x'])

/** A line that a policy allows, with the argv lists that it decided on. */
export interface Accepted {
  readonly input: string
  readonly send: string
  readonly decided: readonly (readonly string[])[]
}

/** Returns a policy that allows these programs any words, and redirects to one folder. */
export function allowAll(programs: Iterable<string>, out: string): Policy {
  const rule = (program: string, at: number): string =>
    `{id: p${at}, effect: allow, run: {argv: ["${program}"], rest: any, ` +
    `redirects: {write: [${out}/**]}}}`
  return policyOf(...[...programs].map(rule))
}

/** Returns an input with what was decided on it, when it is allowed. */
export function accept(policy: Policy, input: string): Accepted | undefined {
  const decision = askExec(policy, input)
  if (decision.effect !== 'allow') return undefined
  assert.ok(decision.judged && decision.send !== undefined)
  return { input, send: decision.send.toString('utf8'), decided: decision.commands }
}

/** Checks on every shell that exactly what was decided runs, both as it is sent and as it was asked. */
export async function compare(jail: ShellJail, lines: readonly Accepted[]): Promise<void> {
  for (const text of ['send', 'input'] as const)
    await Promise.all(shells.map((shell) => check(jail.run, shell, lines, text)))
}

/** Checks the same of what is sent alone, faster, and each text once. Returns how many texts ran. */
export async function compareSent(jail: ShellJail, lines: readonly Accepted[]): Promise<number> {
  const once = [...new Map(lines.map((line) => [line.send, line])).values()]
  await Promise.all(shells.map((shell) => check(jail.runTogether, shell, once, 'send')))
  return once.length
}

async function check(
  run: ShellJail['run'],
  shell: Shell,
  lines: readonly Accepted[],
  text: 'send' | 'input',
): Promise<void> {
  const runs = await run(
    shell,
    lines.map((line) => line[text]),
  )
  // A line may stop early at && or ||, so runs are compared with what its own operators let run.
  for (const [at, line] of lines.entries())
    assert.deepEqual(
      runs[at],
      expectRuns(line.send, line.decided),
      `${shell}, ${text}: ${JSON.stringify(line)}`,
    )
}

function expectRuns(send: string, decided: Accepted['decided']): readonly string[] {
  const resolution = resolveLine(send)
  assert.ok(resolution.kind === 'resolved', send)
  const runs: string[] = []
  let before = ';'
  let succeeded = true
  let skipped = false
  for (const [at, { joint }] of resolution.line.commands.entries()) {
    const argv = decided[at] ?? []
    if (before === '&&') skipped = !succeeded
    else if (before === '||') skipped = succeeded
    else if (before !== '|') skipped = false
    if (!skipped) {
      if (!builtins.has(argv[0] ?? '')) runs.push(JSON.stringify(argv))
      succeeded = !failing.has(argv.join(' '))
    }
    before = joint
  }
  return runs.toSorted()
}
