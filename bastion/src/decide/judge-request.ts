import type { Decision, Denied } from './decision.ts'
import { denyByRule, holdBy, nameRule } from './refusal.ts'
import { isDangerousVariable, isSafeVariable } from './match/index.ts'
import type { DecisionQuestion, DecisionScope } from './request.ts'
import type { RuleBook } from './rules/book.ts'
import type { QuestionRule } from './rules/compile.ts'

export type PlainQuestion = Exclude<DecisionQuestion, { readonly kind: 'exec' | 'file' }>

const subsystemName = /^[\x21-\x7e]{1,64}$/

/**
 * Returns the decision on anything but an exec request: deny rules first, then approve rules, then
 * allow rules, else no.
 */
export function judgeRequest(
  book: RuleBook,
  scope: DecisionScope,
  question: PlainQuestion,
): Decision {
  const what = describeQuestion(question)
  const rules = findRules(book, scope, question)
  if (question.kind === 'shell') return judgeShell(book, scope, question, what, rules)
  return judgeByRules(rules, what) ?? judgeWithoutRule(book, scope, question, what)
}

/** Returns the rules that speak of a question. */
export function findRules(
  book: RuleBook,
  scope: DecisionScope,
  question: PlainQuestion,
): readonly QuestionRule[] {
  return book.questionRules.filter((rule) => rule.covers(question) && rule.applies(scope))
}

// The stricter mode is looked at first: who may have both gets the one whose lines are judged.
function judgeShell(
  book: RuleBook,
  scope: DecisionScope,
  question: PlainQuestion,
  what: string,
  rules: readonly QuestionRule[],
): Decision {
  let refused: Denied | undefined
  for (const shell of ['guarded', 'observed'] as const) {
    const decision = judgeByRules(
      rules.filter(({ shells }) => shells.includes(shell)),
      what.replace('a shell', shell === 'guarded' ? 'a guarded shell' : 'an observed shell'),
    )
    if (decision?.effect === 'deny') refused ??= decision
    else if (decision !== undefined) return { ...decision, shell, judged: shell === 'guarded' }
  }
  return refused ?? judgeWithoutRule(book, scope, question, what)
}

function judgeByRules(rules: readonly QuestionRule[], what: string): Decision | undefined {
  const denying = rules.find(({ effect }) => effect === 'deny')
  if (denying !== undefined) return denyByRule(denying, what)
  const approving = rules.filter(({ effect }) => effect === 'approve')
  if (approving.length > 0)
    // People are shown what it is in words: such a request has no text of its own.
    return { ...holdBy(approving, what), judged: true, commands: [], send: Buffer.from(what) }
  const allowing = rules.find(({ effect }) => effect === 'allow')
  if (allowing === undefined) return undefined
  return {
    effect: 'allow',
    rule: allowing.id,
    judged: true,
    commands: [],
    reason: `${nameRule(allowing)} allows ${what}`,
  }
}

function judgeWithoutRule(
  book: RuleBook,
  scope: DecisionScope,
  question: PlainQuestion,
  what: string,
): Decision {
  if (question.kind === 'env') {
    if (isSafeVariable(question.name, question.value))
      return {
        effect: 'allow',
        rule: 'builtin',
        judged: true,
        commands: [],
        reason: `${what} is only about language and terminal`,
      }
    if (isDangerousVariable(question.name))
      return {
        effect: 'deny',
        rule: 'builtin',
        message: `no rule can let the variable ${JSON.stringify(question.name)} through`,
        reason: `${what} could change what programs do`,
      }
  }
  if (question.kind === 'subsystem' && subsystemName.test(question.name)) {
    const rule = book.unresolvedRules.find((one) => one.applies(scope))
    if (rule !== undefined)
      return {
        effect: 'allow',
        rule: rule.id,
        judged: false,
        commands: [],
        reason: `NOT JUDGED: ${what}, by ${nameRule(rule)}`,
      }
  }
  return {
    effect: 'deny',
    rule: 'default',
    message: `no rule allows ${what}`,
    reason: `${what} matches no rule`,
  }
}

/** Returns a question in words. */
export function describeQuestion(question: PlainQuestion): string {
  switch (question.kind) {
    case 'shell':
      return question.pty ? 'a shell with a terminal' : 'a shell without a terminal'
    case 'subsystem':
      return `the subsystem ${JSON.stringify(question.name)}`
    case 'direct-tcpip':
      return `a connection to ${JSON.stringify(question.host)} port ${question.port}`
    case 'tcpip-forward':
      return `listening on ${JSON.stringify(question.host)} port ${question.port}`
    case 'direct-streamlocal':
      return `a connection to the socket ${JSON.stringify(question.path)}`
    case 'streamlocal-forward':
      return `listening on the socket ${JSON.stringify(question.path)}`
    case 'agent':
      return 'agent forwarding'
    case 'x11':
      return 'X11 forwarding'
    case 'env':
      return `the variable ${JSON.stringify(question.name)}`
  }
}
