import type { Person } from '../login/sign-ins.ts'
import type { Scope } from '../roles.ts'

/** Members of one of `groups`, by exact value, see what was recorded of `targets`; or everything. */
export interface ScopeRule {
  readonly groups: readonly string[]
  readonly targets: readonly string[] | 'all'
}

/**
 * Returns what a person may see: an admin everything, everybody everything when there are no rules,
 * and otherwise what the rules for their groups name together. Whom no rule names sees nothing.
 */
export function scopeOf(
  person: Pick<Person, 'roles' | 'groups'>,
  rules: readonly ScopeRule[] | undefined,
): Scope {
  if (rules === undefined || person.roles.includes('admin')) return { kind: 'all' }
  const own = rules.filter(({ groups }) => groups.some((group) => person.groups.includes(group)))
  const targets = new Set<string>()
  for (const rule of own) {
    if (rule.targets === 'all') return { kind: 'all' }
    for (const target of rule.targets) targets.add(target)
  }
  return { kind: 'targets', targets: [...targets] }
}

/** True when `scope` covers what belongs to `target`. */
export function isInScope(scope: Scope, target: string): boolean {
  return scope.kind === 'all' || scope.targets.includes(target)
}
