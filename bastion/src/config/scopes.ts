import type { ScopeRule } from '@sallyport/web-replay/app'
import type { ScopeEntry, TargetEntry } from './config.ts'

/** Names the targets that each scope is about; one without labels is about all, also former ones. */
export function scopeRules(
  scopes: readonly ScopeEntry[],
  targets: readonly Pick<TargetEntry, 'name' | 'labels'>[],
): readonly ScopeRule[] {
  return scopes.map(({ groups, labels }) => {
    const wanted = Object.entries(labels)
    if (wanted.length === 0) return { groups, targets: 'all' }
    const seen = targets.filter((target) =>
      wanted.every(
        ([name, value]) => Object.hasOwn(target.labels, name) && target.labels[name] === value,
      ),
    )
    return { groups, targets: seen.map(({ name }) => name) }
  })
}
