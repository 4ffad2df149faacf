import type { ApprovalTerms } from '../approval.ts'
import type { Effect } from '../decision.ts'
import { compileRun, compileScope, type RunMatcher, type ScopeMatcher } from '../match/index.ts'
import type { DecisionQuestion } from '../request.ts'
import { compileQuestion } from './question.ts'
import type { RuleDocument } from './document.ts'

/** What all compiled rules have. */
export interface Rule {
  readonly id: string
  readonly effect: Effect
  /** The sentence for the agent, when the policy gives one. */
  readonly message: string | undefined
  /** Where the rule stands, for the audit. */
  readonly place: string
  /** Whether the rule speaks of this identity, target and login. */
  readonly applies: ScopeMatcher
}

export interface RunRule extends Rule {
  readonly kind: 'run'
  readonly run: RunMatcher
  /** Who must agree, for the effect `approve`. */
  readonly approval?: ApprovalTerms
}

export interface QuestionRule extends Rule {
  readonly kind: 'question'
  readonly covers: (question: DecisionQuestion) => boolean
}

export interface UnresolvedRule extends Rule {
  readonly kind: 'unresolved'
  /** Who must agree, for the effect `approve`. */
  readonly approval?: ApprovalTerms
}

export type CompiledRule = RunRule | QuestionRule | UnresolvedRule

/** Returns a rule ready to decide; the document has passed the schema. */
export function compileRule(document: RuleDocument, place: string): CompiledRule {
  const rule: Rule = {
    id: document.id,
    effect: document.effect,
    message: document.message,
    place,
    applies: compileScope(document.who, document.where),
  }
  if (document.run !== undefined)
    return { ...rule, kind: 'run', run: compileRun(document.run, document.effect) }
  if (document.unresolved !== undefined) return { ...rule, kind: 'unresolved' }
  return { ...rule, kind: 'question', covers: compileQuestion(document) }
}
