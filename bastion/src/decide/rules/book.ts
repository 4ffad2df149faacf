import { baseName } from '../match/index.ts'
import type { Effect } from '../decision.ts'
import type { CompiledRule, QuestionRule, RunRule, UnresolvedRule } from './compile.ts'

/** The rules of a policy, laid out so that a decision looks at few of them. */
export interface RuleBook {
  /** Returns the run rules of one effect whose head could be this program. */
  readonly runRules: (effect: Effect, program: string) => readonly RunRule[]
  readonly questionRules: readonly QuestionRule[]
  readonly unresolvedRules: readonly UnresolvedRule[]
}

/** Returns the book of a policy's rules. */
export function bindRules(rules: readonly CompiledRule[]): RuleBook {
  const runRules = rules.filter((rule) => rule.kind === 'run')
  const allow = indexByProgram(runRules.filter((rule) => rule.effect === 'allow'))
  const approve = indexByProgram(runRules.filter((rule) => rule.effect === 'approve'))
  const deny = indexByProgram(runRules.filter((rule) => rule.effect === 'deny'))
  const books = { allow, approve, deny }
  return {
    runRules: (effect, program) => books[effect](program),
    questionRules: rules.filter((rule) => rule.kind === 'question'),
    unresolvedRules: rules.filter((rule) => rule.kind === 'unresolved'),
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
