import { readFile } from 'node:fs/promises'
import { parsePolicy, policyJsonSchema, type PolicyProblem } from '../decide/index.ts'
import { ask, columns, fieldsOf, rowsOf, type Console } from './control.ts'

export interface CheckPolicyOptions {
  readonly file: string
  readonly json: boolean
  /** Whether a warning is a failure. */
  readonly strict: boolean
  readonly say: (text: string) => void
}

/** Checks a policy file and prints what is wrong with it; returns whether it would load. */
export async function checkPolicy(options: CheckPolicyOptions): Promise<boolean> {
  const { file, json, strict, say } = options
  const parsed = parsePolicy(await readFile(file, 'utf8'), { file })
  if (parsed.kind === 'invalid') {
    const { problems } = parsed
    if (json) say(JSON.stringify({ valid: false, problems }))
    else for (const problem of problems) say(problemLine(file, problem))
    return false
  }
  const { warnings, policy } = parsed
  const { revision } = policy
  if (json) say(JSON.stringify({ valid: true, revision, warnings }))
  else {
    for (const warning of warnings)
      say(problemLine(file, { ...warning, message: `warning: ${warning.message}` }))
    say(`${file}: valid, revision ${revision}`)
  }
  return !strict || warnings.length === 0
}

/** Returns a problem as compilers print them. */
export function problemLine(file: string, problem: PolicyProblem): string {
  const { line, column, path, message } = problem
  return `${file}:${line}:${column}: ${path}: ${message}`
}

/** Returns the JSON Schema of policy files as text, without the newline at its end. */
export function policySchemaText(): string {
  return JSON.stringify(policyJsonSchema(), null, 2)
}

/** Has a running bastion read its policy again; returns whether it is in force. */
export async function reloadPolicy(config: string, console: Console): Promise<boolean> {
  const path = '/api/policy/reload'
  const { status, body } = await ask({ config, method: 'POST', path, body: {} }, console)
  const loaded = status === 200
  if (console.json) {
    console.say(JSON.stringify(body))
    return loaded
  }
  const { kind, revision, problems } = fieldsOf(body)
  if (loaded) {
    console.say(columns(kind, 'revision', revision))
    return true
  }
  for (const { line, column, path: place, message } of rowsOf(problems)) {
    console.say(`${columns(line)}:${columns(column)}: ${columns(place)}: ${columns(message)}`)
  }
  console.say(`refused; revision ${columns(revision)} stays in force`)
  return false
}
