import type { ApprovalTerms } from '../approval.ts'
import type { Effect, ShellMode } from '../decision.ts'
import {
  compileFiles,
  compileGit,
  compileRun,
  compileScope,
  type FilesMatcher,
  type GitMatcher,
  type RunMatcher,
  type ScopeCondition,
} from '../match/index.ts'
import type { DecisionQuestion, DecisionScope } from '../request.ts'
import { readTerms } from './approval.ts'
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
  /** Whether the rule speaks of this identity, target, login and time. */
  readonly applies: (scope: DecisionScope) => boolean
  /** What the rule says about them, condition by condition. */
  readonly conditions: readonly ScopeCondition[]
  /** Who must agree; there for every approve rule, and for no other. */
  readonly approval?: ApprovalTerms
}

export interface RunRule extends Rule {
  readonly kind: 'run'
  readonly run: RunMatcher
}

export interface QuestionRule extends Rule {
  readonly kind: 'question'
  readonly covers: (question: DecisionQuestion) => boolean
  /** The modes of a shell that the rule speaks of. */
  readonly shells: readonly ShellMode[]
}

export interface UnresolvedRule extends Rule {
  readonly kind: 'unresolved'
  /** The longest line that people may be asked about. */
  readonly maxBytes?: number
}

export interface FilesRule extends Rule {
  readonly kind: 'files'
  readonly files: FilesMatcher
}

export interface GitRule extends Rule {
  readonly kind: 'git'
  readonly git: GitMatcher
}

export type CompiledRule = RunRule | QuestionRule | UnresolvedRule | FilesRule | GitRule

/** Returns a rule ready to decide; the document has passed the schema. */
export function compileRule(document: RuleDocument, place: string): CompiledRule {
  const { effect, approve } = document
  const conditions = compileScope(document, effect)
  const rule: Rule = {
    id: document.id,
    effect,
    message: document.message,
    place,
    conditions,
    applies: (scope) => conditions.every(({ holds }) => holds(scope)),
    ...(approve === undefined ? {} : { approval: readTerms(approve) }),
  }
  if (document.run !== undefined)
    return { ...rule, kind: 'run', run: compileRun(document.run, effect) }
  if (document.unresolved === 'allow') return { ...rule, kind: 'unresolved' }
  if (document.unresolved !== undefined)
    return { ...rule, kind: 'unresolved', maxBytes: document.unresolved.max_bytes }
  if (document.files !== undefined)
    return { ...rule, kind: 'files', files: compileFiles(document.files, effect) }
  if (document.git !== undefined)
    return { ...rule, kind: 'git', git: compileGit(document.git, effect) }
  const mode = document.shell?.mode
  const shells: readonly ShellMode[] = mode === undefined ? ['guarded', 'observed'] : [mode]
  return { ...rule, kind: 'question', covers: compileQuestion(document), shells }
}
