import { baseName } from '../match/index.ts'
import type { Effect } from '../decision.ts'
import type {
  CompiledRule,
  FilesRule,
  GitRule,
  QuestionRule,
  RunRule,
  UnresolvedRule,
} from './compile.ts'

/** The rules of a policy, laid out so that a decision looks at few of them. */
export interface RuleBook {
  /** Returns the run rules of one effect whose head could be this program. */
  readonly runRules: (effect: Effect, program: string) => readonly RunRule[]
  readonly questionRules: readonly QuestionRule[]
  /** Those that let lines through unjudged. */
  readonly unresolvedRules: readonly UnresolvedRule[]
  /** Those that have people read such lines first. */
  readonly reviewRules: readonly UnresolvedRule[]
  readonly filesRules: readonly FilesRule[]
  readonly gitRules: readonly GitRule[]
}

/** Returns the book of a policy's rules. */
export function bindRules(rules: readonly CompiledRule[]): RuleBook {
  const runRules = rules.filter((rule) => rule.kind === 'run')
  const unresolved = rules.filter((rule) => rule.kind === 'unresolved')
  const of = (effect: Effect): ((program: string) => readonly RunRule[]) =>
    indexByProgram(runRules.filter((rule) => rule.effect === effect))
  const byEffect = { allow: of('allow'), approve: of('approve'), deny: of('deny') }
  return {
    runRules: (effect, program) => byEffect[effect](program),
    questionRules: rules.filter((rule) => rule.kind === 'question'),
    unresolvedRules: unresolved.filter(({ effect }) => effect === 'allow'),
    reviewRules: unresolved.filter(({ effect }) => effect === 'approve'),
    filesRules: rules.filter((rule) => rule.kind === 'files'),
    gitRules: rules.filter((rule) => rule.kind === 'git'),
  }
}

function indexByProgram(rules: readonly RunRule[]): (program: string) => readonly RunRule[] {
  const byName = new Map<string, RunRule[]>()
  const others: RunRule[] = []
  for (const rule of rules) {
    if (rule.run.programs === undefined) others.push(rule)
    for (const program of rule.run.programs ?? []) {
      const named = byName.get(program)
      if (named === undefined) byName.set(program, [rule])
      else named.push(rule)
    }
  }
  return (program) => {
    const base = baseName(program)
    const named = byName.get(program) ?? []
    // A deny rule for `rm` speaks of `/bin/rm` too; an allow rule then refuses it by itself.
    const based = base === program ? [] : (byName.get(base) ?? [])
    return [...named, ...based, ...others]
  }
}
