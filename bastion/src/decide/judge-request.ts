import type { Decision } from './decision.ts'
import { denyByRule, nameRule } from './refusal.ts'
import { isDangerousVariable, isSafeVariable } from './match/index.ts'
import type { DecisionQuestion, DecisionScope } from './request.ts'
import type { RuleBook } from './rules/book.ts'

export type PlainQuestion = Exclude<DecisionQuestion, { readonly kind: 'exec' | 'file' }>

const subsystemName = /^[\x21-\x7e]{1,64}$/

/** Returns the decision on anything but an exec request: deny rules first, then allow rules, else no. */
export function judgeRequest(
  book: RuleBook,
  scope: DecisionScope,
  question: PlainQuestion,
): Decision {
  const what = describe(question)
  const rules = book.questionRules.filter((rule) => rule.covers(question) && rule.applies(scope))
  const denying = rules.find(({ effect }) => effect === 'deny')
  if (denying !== undefined) return denyByRule(denying, what)
  const allowing = rules.find(({ effect }) => effect === 'allow')
  if (allowing !== undefined)
    return {
      effect: 'allow',
      rule: allowing.id,
      // The request was judged; what will be typed in a shell is not.
      judged: question.kind !== 'shell',
      commands: [],
      reason: `${nameRule(allowing)} allows ${what}`,
    }
  return judgeWithoutRule(book, scope, question, what)
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

function describe(question: PlainQuestion): string {
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
