import { createHash } from 'node:crypto'
import { createPolicy, type Policy } from './policy.ts'
import { compileRule, type CompiledRule } from './rules/compile.ts'
import type { RuleDocument } from './rules/document.ts'
import { checkExamples } from './rules/examples.ts'
import { lintRule } from './rules/lint.ts'
import { findOverlaps } from './rules/overlaps.ts'
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
  | {
      readonly kind: 'policy'
      readonly policy: Policy
      /** What is allowed in a policy but deserves a second look, in the order of lines. */
      readonly warnings: readonly PolicyProblem[]
      /** How many examples the rules hold. */
      readonly examples: number
    }
  | { readonly kind: 'invalid'; readonly problems: readonly PolicyProblem[] }

interface ReadRule {
  readonly document?: RuleDocument
  readonly rule?: CompiledRule
  readonly problems: readonly PolicyProblem[]
}

/**
 * Returns the policy that a YAML text states, or every problem it has, in the order of lines. A policy
 * with a problem, be it one example of one rule, is not loaded at all.
 */
export function parsePolicy(yamlText: string, options: ParsePolicyOptions = {}): ParsedPolicy {
  const source = readSource(yamlText)
  if ('kind' in source) return source
  const outside = policySchema.safeParse(source.content)
  const ids = new Set<string>()
  const read = rulesOf(source.content).map((content, at) =>
    readRule(source, at, content, ids, options.file),
  )
  const overlaps = findOverlaps(read.map(({ document }) => document))
  const problems = [
    ...(outside.success ? [] : describeIssues(source, outside.error)),
    ...read.flatMap((one) => one.problems),
    ...overlaps.map(({ at, message }) => source.problem(['rules', at], message)),
  ]
  if (problems.length > 0) return { kind: 'invalid', problems: inOrder(problems) }
  const warnings = read.flatMap(({ document }, at) =>
    document === undefined
      ? []
      : lintRule(document).map(({ path, message }) =>
          source.problem(['rules', at, ...path], message),
        ),
  )
  const revision = createHash('sha256').update(yamlText, 'utf8').digest('hex').slice(0, 12)
  const rules = read.flatMap(({ rule }) => (rule === undefined ? [] : [rule]))
  return {
    kind: 'policy',
    policy: createPolicy({ rules, revision }),
    warnings: inOrder(warnings),
    examples: read.reduce((sum, { document }) => sum + countExamples(document), 0),
  }
}

function inOrder(problems: readonly PolicyProblem[]): readonly PolicyProblem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column)
}

function countExamples(document: RuleDocument | undefined): number {
  const { match = [], no_match: noMatch = [] } = document?.tests ?? {}
  return match.length + noMatch.length
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
): ReadRule {
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
  const document = parsed.data
  const line = `line ${source.lineOf(base)}`
  const rule = compileRule(document, file === undefined ? line : `${file} ${line}`)
  const failed = checkExamples(rule, document)
  problems.push(...failed.map(({ path, message }) => source.problem([...base, ...path], message)))
  return { document, rule, problems }
}
