import { createHash } from 'node:crypto'
import { createPolicy, type Policy } from './policy.ts'
import { compileRule, type CompiledRule } from './rules/compile.ts'
import { checkExamples } from './rules/examples.ts'
import { policySchema, ruleSchema } from './rules/schema.ts'
import {
  describeIssues,
  readSource,
  type PolicyProblem,
  type PolicySource,
} from './rules/source.ts'

export interface ParsePolicyOptions {
  /** The name of the file, by which reasons say where a rule stands. */
  readonly file?: string
}

export type ParsedPolicy =
  | { readonly kind: 'policy'; readonly policy: Policy }
  | { readonly kind: 'invalid'; readonly problems: readonly PolicyProblem[] }

/**
 * Returns the policy that a YAML text states, or every problem it has, in the order of lines. A policy
 * with a problem, be it one example of one rule, is not loaded at all.
 */
export function parsePolicy(yamlText: string, options: ParsePolicyOptions = {}): ParsedPolicy {
  const source = readSource(yamlText)
  if ('kind' in source) return source
  const outside = policySchema.safeParse(source.content)
  const problems: PolicyProblem[] = outside.success
    ? []
    : [...describeIssues(source, outside.error)]
  const rules: CompiledRule[] = []
  const ids = new Set<string>()
  for (const [at, content] of rulesOf(source.content).entries()) {
    const read = readRule(source, at, content, ids, options.file)
    if (read.rule !== undefined) rules.push(read.rule)
    problems.push(...read.problems)
  }
  if (problems.length > 0)
    return {
      kind: 'invalid',
      problems: problems.toSorted((a, b) => a.line - b.line || a.column - b.column),
    }
  const revision = createHash('sha256').update(yamlText, 'utf8').digest('hex').slice(0, 12)
  return { kind: 'policy', policy: createPolicy({ rules, revision }) }
}

function rulesOf(content: unknown): readonly unknown[] {
  if (typeof content !== 'object' || content === null || !('rules' in content)) return []
  return Array.isArray(content.rules) ? content.rules : []
}

function readRule(
  source: PolicySource,
  at: number,
  content: unknown,
  ids: Set<string>,
  file: string | undefined,
): { readonly rule?: CompiledRule; readonly problems: readonly PolicyProblem[] } {
  const base = ['rules', at]
  const problems: PolicyProblem[] = []
  if (typeof content === 'object' && content !== null && 'id' in content) {
    const { id } = content
    if (typeof id === 'string') {
      if (ids.has(id)) problems.push(source.problem([...base, 'id'], `the id ${id} is used twice`))
      ids.add(id)
    }
  }
  const parsed = ruleSchema.safeParse(content)
  if (!parsed.success)
    return { problems: [...problems, ...describeIssues(source, parsed.error, base)] }
  const line = `line ${source.lineOf(base)}`
  const rule = compileRule(parsed.data, file === undefined ? line : `${file} ${line}`)
  const failed = checkExamples(rule, parsed.data)
  problems.push(...failed.map(({ path, message }) => source.problem([...base, ...path], message)))
  return { rule, problems }
}
