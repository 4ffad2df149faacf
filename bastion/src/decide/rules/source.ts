import { isMap, isScalar, isSeq, LineCounter, parseDocument, visit, type Document } from 'yaml'
import type { z } from 'zod'

/** What is wrong with a policy, and where: line and column count from 1. */
export interface PolicyProblem {
  readonly line: number
  readonly column: number
  /** Dotted, as in `rules.0.run.argv.1`. */
  readonly path: string
  readonly message: string
}

export type PathStep = string | number

export interface PolicySource {
  readonly content: unknown
  /** Returns the line of what stands at a path, or of the nearest thing around it. */
  readonly lineOf: (path: readonly PathStep[]) => number
  /** Returns a problem with the place of what stands at a path. */
  readonly problem: (path: readonly PathStep[], message: string) => PolicyProblem
}

/** Returns the content of a YAML text with its places, or every fault that makes it unreadable. */
export function readSource(
  yamlText: string,
): PolicySource | { readonly kind: 'invalid'; readonly problems: readonly PolicyProblem[] } {
  const counter = new LineCounter()
  const document = parseDocument(yamlText, { lineCounter: counter })
  const place = (offset: number): { readonly line: number; readonly column: number } => {
    const { line, col } = counter.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const problems = [...document.errors, ...document.warnings].map((fault) => ({
    ...place(fault.pos[0]),
    path: '',
    message: fault.message.split(/ at line |\n/)[0] ?? fault.code,
  }))
  visit(document, {
    Pair: (_, { key }) => {
      // zod leaves __proto__ out of records in silence.
      if (isScalar(key) && typeof key.value === 'string' && key.value !== '__proto__') return
      const offset = isScalar(key) || isMap(key) || isSeq(key) ? key.range?.[0] : undefined
      problems.push({ ...place(offset ?? 0), path: '', message: 'a key must be plain text' })
    },
  })
  if (problems.length > 0) return { kind: 'invalid', problems }
  return {
    content: document.toJS(),
    lineOf: (path) => place(offsetOf(document, path)).line,
    problem: (path, message) => ({
      ...place(offsetOf(document, path)),
      path: path.join('.'),
      message,
    }),
  }
}

/** Returns the problems of a zod error whose paths are relative to `base`. */
export function describeIssues(
  source: PolicySource,
  error: z.ZodError,
  base: readonly PathStep[] = [],
): readonly PolicyProblem[] {
  return error.issues.flatMap((issue) => describeIssue(source, issue, base))
}

type Issue = z.ZodError['issues'][number]

function describeIssue(
  source: PolicySource,
  issue: Issue,
  base: readonly PathStep[],
): readonly PolicyProblem[] {
  const path = [...base, ...issue.path.map(step)]
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => source.problem([...path, key], `unknown key ${key}`))
  if (issue.code === 'invalid_key')
    return issue.issues.map((inner) => source.problem(path, inner.message))
  if (issue.code === 'invalid_union') {
    // The branch that took the value's type says best what is wrong inside it.
    const meant = issue.errors.filter((branch) => branch.every((inner) => inner.path.length > 0))
    const [only] = meant
    if (only !== undefined && only.length > 0 && meant.length === 1)
      return only.flatMap((inner) => describeIssue(source, inner, path))
  }
  return [source.problem(path, issue.message)]
}

function step(key: PropertyKey): PathStep {
  return typeof key === 'symbol' ? String(key) : key
}

function offsetOf(document: Document, path: readonly PathStep[]): number {
  let node: unknown = document.contents
  let offset = startOf(node) ?? 0
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === String(key))
      if (pair === undefined) return offset
      node = pair.value
      offset = startOf(pair.key) ?? offset
    } else if (isSeq(node)) {
      node = node.items[Number(key)]
      offset = startOf(node) ?? offset
    } else {
      return offset
    }
  }
  return offset
}

function startOf(node: unknown): number | undefined {
  return isMap(node) || isSeq(node) || isScalar(node) ? node.range?.[0] : undefined
}
