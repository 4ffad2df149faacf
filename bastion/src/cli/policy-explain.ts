import { readFile } from 'node:fs/promises'
import {
  explanationLines,
  parsePolicy,
  readQuestion,
  type Decision,
  type DecisionQuestion,
  type DecisionScope,
  type Policy,
} from '../decide/index.ts'
import { identitySchema } from './policy-identity.ts'
import { problemLine } from './policy.ts'

export interface ExplainPolicyOptions {
  readonly file: string
  /** A JSON file with who asks. */
  readonly identity: string
  readonly target: DecisionScope['target']
  readonly login: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** A command; with `request`, another request as examples in rules write it. */
  readonly asked: string
  readonly request: boolean
  readonly json: boolean
  readonly say: (text: string) => void
}

/** Prints what a policy decides and why; returns the decision. */
export async function explainPolicy(options: ExplainPolicyOptions): Promise<Decision> {
  const { file, target, login, at, json, say } = options
  const policy = await loadPolicy(file)
  const identity = await readIdentity(options.identity)
  const question = questionOf(options)
  const explanation = policy.explain({ identity, target, login, at, ...question })
  const { decision, parts } = explanation
  if (json) {
    const { effect } = decision
    const sent = effect === 'deny' ? undefined : decision.send?.toString('utf8')
    say(JSON.stringify({ decision: { ...decision, send: sent }, parts, at }))
  } else {
    for (const line of explanationLines(explanation)) say(line)
    if (login === '') say('(no --login was given: rules with where.logins do not match)')
  }
  return decision
}

/** Returns the policy in a file. */
export async function loadPolicy(file: string): Promise<Policy> {
  const parsed = parsePolicy(await readFile(file, 'utf8'), { file })
  if (parsed.kind === 'policy') return parsed.policy
  throw new Error(parsed.problems.map((problem) => problemLine(file, problem)).join('\n'))
}

/** Returns a question as a command line or a case asks it. */
export function questionOf({
  asked,
  request,
}: Pick<ExplainPolicyOptions, 'asked' | 'request'>): DecisionQuestion {
  if (!request) return { kind: 'exec', command: Buffer.from(asked, 'utf8') }
  const question = readQuestion(asked)
  if (question !== undefined) return question
  throw new Error(`${JSON.stringify(asked)} is not a request: write it as in the tests of a rule`)
}

async function readIdentity(file: string): Promise<DecisionScope['identity']> {
  const content: unknown = JSON.parse(await readFile(file, 'utf8'))
  const read = identitySchema.safeParse(content)
  if (read.success) return read.data
  const problems = read.error.issues.map(
    ({ path, message }) => `${file}: ${path.join('.')}: ${message}`,
  )
  throw new Error(problems.join('\n'))
}
