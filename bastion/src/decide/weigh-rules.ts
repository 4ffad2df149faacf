import type { Denied } from './decision.ts'
import { denyByRule, nameRule } from './refusal.ts'
import type { Rule } from './rules/compile.ts'

const maxNearest = 3

/** What rules say of one thing: a refusal, or the rules of one effect that let it go on. */
export type Weighed<R extends Rule> =
  | { readonly kind: 'denied'; readonly denied: Denied }
  /** All approve rules that match, since each must be met, or else all allow rules that match. */
  | { readonly kind: 'open'; readonly effect: 'allow' | 'approve'; readonly rules: readonly R[] }

/** Returns what rules say of a thing; `misfit` is why a rule does not match, undefined where it does. */
export function weighRules<R extends Rule>(
  rules: readonly R[],
  misfit: (rule: R) => string | undefined,
  what: string,
): Weighed<R> {
  const matching = rules.filter((rule) => misfit(rule) === undefined)
  const denying = matching.find(({ effect }) => effect === 'deny')
  if (denying !== undefined) return { kind: 'denied', denied: denyByRule(denying, what) }
  for (const effect of ['approve', 'allow'] as const) {
    const open = matching.filter((rule) => rule.effect === effect)
    if (open.length > 0) return { kind: 'open', effect, rules: open }
  }
  const nearest = rules
    .filter(({ effect }) => effect !== 'deny')
    .slice(0, maxNearest)
    .map((rule) => `${nameRule(rule)}: expected ${misfit(rule)}`)
    .join('; ')
  const said = `${what} matches no rule`
  return {
    kind: 'denied',
    denied: {
      effect: 'deny',
      rule: 'default',
      message: `no rule allows ${what}`,
      reason: nearest === '' ? said : `${said}; nearest: ${nearest}`,
    },
  }
}
