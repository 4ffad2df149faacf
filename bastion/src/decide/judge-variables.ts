import { type Denied, reservedRules } from './decision.ts'
import type { CommandEffect } from './effects/index.ts'
import { judgeRequest } from './judge-request.ts'
import { withoutWaiting } from './refusal.ts'
import type { DecisionScope } from './request.ts'
import type { RuleBook } from './rules/book.ts'

/**
 * Returns the refusal of the first variable that a wrapper sets for a command and that may not be set.
 * The rules are those for the variables of a request: that `env` sets them makes no difference.
 */
export function refuseVariables(
  book: RuleBook,
  scope: DecisionScope,
  { variables }: CommandEffect,
): Denied | undefined {
  for (const [name, value] of variables) {
    const decision = withoutWaiting(judgeRequest(book, scope, { kind: 'env', name, value }))
    if (decision.effect === 'deny') return decision
  }
  return undefined
}

/** Returns the same where it is a rule that refuses, and not that none allows. */
export function denyVariables(
  book: RuleBook,
  scope: DecisionScope,
  effect: CommandEffect,
): Denied | undefined {
  return effect.variables
    .map((variable) => refuseVariables(book, scope, { ...effect, variables: [variable] }))
    .find((one) => one !== undefined && !reservedRules.includes(one.rule))
}
