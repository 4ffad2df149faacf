import type { Decision, Effect } from '../decision.ts'
import type { FileQuestion } from '../judge-file.ts'
import { findRules, type PlainQuestion } from '../judge-request.ts'
import { type CommandEffect, unfoldLine, type Unfolded } from '../effects/index.ts'
import { refuseProgram } from '../match/index.ts'
import { readCommandText, resolveLine } from '../parse/index.ts'
import type { DecisionRequest, DecisionScope } from '../request.ts'
import type { RuleBook } from '../rules/book.ts'
import type { Rule, RunRule } from '../rules/compile.ts'
import type { ExplainedPart, Explanation, NamedRule, NearMiss } from './explanation.ts'

const strictestFirst: readonly Effect[] = ['deny', 'approve', 'allow']
const maxNearest = 3

/** Returns what the rules of a book say of a request on which the policy has decided. */
export function explain(book: RuleBook, request: DecisionRequest, decision: Decision): Explanation {
  return { decision, parts: partsOf(book, request) }
}

function partsOf(book: RuleBook, request: DecisionRequest): readonly ExplainedPart[] {
  if (request.kind === 'exec') return explainLine(book, request, request.command)
  return [
    request.kind === 'file'
      ? explainFile(book, request, request)
      : explainQuestion(book, request, request),
  ]
}

function explainLine(
  book: RuleBook,
  scope: DecisionScope,
  command: Buffer,
): readonly ExplainedPart[] {
  const gate = readCommandText(command)
  if (gate.kind === 'bytes') return []
  const resolution = resolveLine(gate.text)
  if (resolution.kind === 'unresolved') return []
  return unfoldLine(resolution.line).map((one) => explainUnfolded(book, scope, one))
}

function explainUnfolded(
  book: RuleBook,
  scope: DecisionScope,
  { effect, inside }: Unfolded,
): ExplainedPart {
  const part = explainCommand(book, scope, effect)
  if (inside.kind === 'nothing') return part
  if (inside.kind === 'closed') return { ...part, closed: inside.reason }
  return { ...part, inside: inside.parts.map((one) => explainUnfolded(book, scope, one)) }
}

function explainCommand(
  book: RuleBook,
  scope: DecisionScope,
  command: CommandEffect,
): ExplainedPart {
  const matching: NamedRule[] = []
  const misses: NearMiss[] = []
  const program = command.argv[0] ?? ''
  for (const effect of strictestFirst)
    for (const rule of book.runRules(effect, program)) {
      const miss = missOf(rule, scope, command)
      if (miss === undefined) matching.push(nameOf(rule))
      else if (isNear(miss, rule.run.programs?.includes(program) === true)) misses.push(miss)
    }
  return {
    argv: command.argv,
    ...(command.runAs === undefined ? {} : { runAs: command.runAs }),
    refused: refuseProgram(command.argv),
    matching,
    nearest: misses.toSorted((one, other) => reachOf(other) - reachOf(one)).slice(0, maxNearest),
  }
}

function missOf(rule: RunRule, scope: DecisionScope, command: CommandEffect): NearMiss | undefined {
  const misfit = rule.run.refuse(command)
  if (misfit === undefined) {
    if (rule.applies(scope)) return undefined
    return { ...nameOf(rule), misfit: { kind: 'conditions', unmet: unmetBy(rule, scope) } }
  }
  const { word, expected } = misfit
  return { ...nameOf(rule), misfit: { kind: 'word', word, found: command.argv[word], expected } }
}

// A rule about this very program may fail before its first word: by where the input comes from.
function isNear({ misfit }: NearMiss, named: boolean): boolean {
  return named || misfit.kind !== 'word' || misfit.word > 0
}

// All words fit where only the conditions do not; what a deny rule missed is the least of news.
function reachOf({ effect, misfit }: NearMiss): number {
  if (effect === 'deny') return -1
  return misfit.kind === 'word' ? misfit.word : Number.MAX_SAFE_INTEGER
}

function explainQuestion(
  book: RuleBook,
  scope: DecisionScope,
  question: PlainQuestion,
): ExplainedPart {
  const speaking = findRules(book, scope, question)
  const inOrder = strictestFirst.flatMap((effect) =>
    speaking.filter((rule) => rule.effect === effect),
  )
  return {
    argv: [],
    refused: undefined,
    matching: inOrder.map(nameOf),
    nearest: book.questionRules
      .filter((rule) => rule.covers(question) && !rule.applies(scope))
      .slice(0, maxNearest)
      .map((rule) => ({
        ...nameOf(rule),
        misfit: { kind: 'conditions', unmet: unmetBy(rule, scope) },
      })),
  }
}

function explainFile(
  book: RuleBook,
  scope: DecisionScope,
  { via, operation }: FileQuestion,
): ExplainedPart {
  const rules = book.filesRules.filter(({ files }) => files.speaksOf(via))
  const matching: NamedRule[] = []
  const nearest: NearMiss[] = []
  for (const rule of strictestFirst.flatMap((effect) =>
    rules.filter((one) => one.effect === effect),
  )) {
    const expected = rule.files.refuse(via, operation)
    if (!rule.applies(scope))
      nearest.push({ ...nameOf(rule), misfit: { kind: 'conditions', unmet: unmetBy(rule, scope) } })
    else if (expected === undefined) matching.push(nameOf(rule))
    else nearest.push({ ...nameOf(rule), misfit: { kind: 'file', expected } })
  }
  return { argv: [], refused: undefined, matching, nearest: nearest.slice(0, maxNearest) }
}

function unmetBy(rule: Rule, scope: DecisionScope): readonly string[] {
  return rule.conditions.filter(({ holds }) => !holds(scope)).map(({ name }) => name)
}

function nameOf({ id, effect, place }: Rule): NamedRule {
  return { id, effect, place }
}
