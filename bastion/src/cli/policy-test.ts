import { readFile } from 'node:fs/promises'
import {
  explanationLines,
  parsePolicy,
  type Explanation,
  type Policy,
  type PolicyProblem,
} from '../decide/index.ts'
import { parseCases, type PlacedCase } from './policy-cases.ts'
import { questionOf } from './policy-explain.ts'
import { problemLine } from './policy.ts'

export interface TestPolicyOptions {
  readonly file: string
  /** A YAML file of cases. */
  readonly cases: string | undefined
  readonly json: boolean
  readonly say: (text: string) => void
}

interface FailedCase extends Pick<PlacedCase, 'line' | 'command' | 'request' | 'expect' | 'rule'> {
  readonly explanation: Explanation
}

/** Runs the tests of a policy and a file of cases, and prints what failed; returns whether all held. */
export async function testPolicy(options: TestPolicyOptions): Promise<boolean> {
  const { file, cases, json, say } = options
  const parsed = parsePolicy(await readFile(file, 'utf8'), { file })
  if (parsed.kind === 'invalid') return sayProblems(options, file, parsed.problems)
  const read = cases === undefined ? undefined : parseCases(await readFile(cases, 'utf8'))
  if (read?.kind === 'invalid') return sayProblems(options, cases ?? '', read.problems)
  const placed = read?.cases ?? []
  const failed = placed.flatMap((one) => tryCase(parsed.policy, one))
  const counts = { examples: parsed.examples, cases: placed.length, failed: failed.length }
  if (json) {
    say(JSON.stringify({ ...counts, failures: failed.map(failureJson) }))
    return failed.length === 0
  }
  for (const one of failed) for (const line of failureLines(cases ?? '', one)) say(line)
  say(
    `${file}: ${counts.examples} examples in rules hold, ` +
      `${counts.cases - counts.failed} of ${counts.cases} cases hold`,
  )
  return failed.length === 0
}

function sayProblems(
  { json, say }: TestPolicyOptions,
  file: string,
  problems: readonly PolicyProblem[],
): false {
  if (json) say(JSON.stringify({ problems: problems.map((problem) => ({ file, ...problem })) }))
  else for (const problem of problems) say(problemLine(file, problem))
  return false
}

function tryCase(policy: Policy, one: PlacedCase): readonly FailedCase[] {
  const { identity, target, login, command, request, expect, rule, line } = one
  const explanation = policy.explain({
    identity,
    target,
    login,
    at: one.at === undefined ? undefined : Date.parse(one.at),
    ...questionOf({ asked: command ?? request ?? '', request: command === undefined }),
  })
  const { decision } = explanation
  const holds = decision.effect === expect && (rule === undefined || decision.rule === rule)
  return holds ? [] : [{ line, command, request, expect, rule, explanation }]
}

function failureLines(file: string, failed: FailedCase): readonly string[] {
  const { line, command, request, expect, rule, explanation } = failed
  const by = rule === undefined ? '' : ` by ${rule}`
  return [
    `${file}:${line}: ${JSON.stringify(command ?? request)}: expected ${expect}${by}`,
    ...explanationLines(explanation).map((text) => `  ${text}`),
  ]
}

function failureJson({ explanation, ...failed }: FailedCase): unknown {
  const { decision, parts } = explanation
  const { effect, rule, reason } = decision
  return { ...failed, decision: { effect, rule, reason }, parts }
}
