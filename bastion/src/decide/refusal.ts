import type { ApprovalTerms } from './approval.ts'
import type { Decision, Denied, Held, Settled } from './decision.ts'
import type { Rule } from './rules/compile.ts'

/** Returns how the audit names a rule. */
export function nameRule(rule: Rule): string {
  return `rule ${rule.id} (${rule.place})`
}

/** Returns the refusal by a deny rule. */
export function denyByRule(rule: Rule, what: string): Denied {
  return {
    effect: 'deny',
    rule: rule.id,
    message: rule.message ?? 'the policy denies this',
    reason: `${nameRule(rule)} denies ${what}`,
  }
}

/** Returns what approve rules have to say of a request: who must agree, and by which rules. */
export function holdBy(
  rules: readonly Rule[],
  what: string,
): Pick<Held, 'effect' | 'rule' | 'terms' | 'reason'> {
  const asking = [...new Set(rules)]
  return {
    effect: 'approve',
    rule: asking.map(({ id }) => id).join(','),
    terms: asking.map(termsOf),
    reason: `${asking.map(nameRule).join(', ')} asks for approval of ${what}`,
  }
}

function termsOf({ id, approval }: Rule): ApprovalTerms {
  if (approval === undefined) throw new TypeError(`nobody could approve by the rule ${id}`)
  return approval
}

/** Returns a refusal whose sentence for the agent is all there is to say. */
export function deny(rule: string, message: string): Denied {
  return { effect: 'deny', rule, message, reason: message }
}

/** Returns the decision on a request that cannot wait for people: one that would be held is refused. */
export function withoutWaiting(decision: Decision): Settled {
  if (decision.effect !== 'approve') return decision
  const message = 'this needs approval, and only commands and shells can wait for it'
  return { ...deny(decision.rule, message), reason: decision.reason }
}
