import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { RecordingFilters, Scope } from '../rows/index.ts'
import { facetsOfFilters } from './facets.ts'

/** A condition on the recording `p`, which has the columns `started_at` and `number`. */
export interface Condition {
  readonly sql: string
  readonly values: readonly SQLInputValue[]
}

/** Filters and scope in the catalog's own terms. */
export interface Selection {
  /** The numbers of all facets that a recording must have. */
  readonly facets: readonly number[]
  /** The targets that may be seen, where the facets do not settle it; their facets as well. */
  readonly targets?: { readonly names: readonly string[]; readonly facets: readonly number[] }
  /** Milliseconds: not before `from`, and before `to`. */
  readonly from: number
  readonly to: number
  readonly activeAt?: number | undefined
}

/** Returns the selection, or undefined when no recording can be in it. */
export function selectRecordings(
  database: DatabaseSync,
  filters: RecordingFilters,
  scope: Scope,
): Selection | undefined {
  const numberOf = database.prepare('SELECT number FROM facets WHERE name = ? AND value = ?')
  const facetNumber = (name: string, value: string): number | undefined => {
    const number = numberOf.get(name, value)?.['number']
    return typeof number === 'number' ? number : undefined
  }
  const facets: number[] = []
  for (const { name, value } of facetsOfFilters(filters)) {
    const number = facetNumber(name, value)
    if (number === undefined) return undefined
    facets.push(number)
  }
  const { target, from = 0, to = Number.MAX_SAFE_INTEGER, activeAt } = filters
  const selection = { facets, from, to, activeAt }
  if (scope.kind === 'all') return selection
  if (target !== undefined) return scope.targets.includes(target) ? selection : undefined
  const names = [...new Set(scope.targets)]
  const known = names.flatMap((name) => facetNumber('target', name) ?? [])
  return known.length === 0 ? undefined : { ...selection, targets: { names, facets: known } }
}

/** Returns the conditions of a selection, except for those facets that are seen to already. */
export function conditionsOf(
  selection: Selection,
  seenTo: ReadonlySet<number> = new Set(),
): readonly Condition[] {
  const { facets, targets, activeAt } = selection
  const conditions: Condition[] = []
  for (const facet of facets) {
    if (seenTo.has(facet)) continue
    const posting = 'q.facet = ? AND q.started_at = p.started_at AND q.number = p.number'
    conditions.push({
      sql: `EXISTS (SELECT 1 FROM postings q WHERE ${posting})`,
      values: [facet],
    })
  }
  if (targets !== undefined) {
    conditions.push({
      sql: `(SELECT r.target FROM recordings r WHERE r.number = p.number)
        IN (SELECT value FROM json_each(?))`,
      values: [JSON.stringify(targets.names)],
    })
  }
  if (activeAt !== undefined) {
    conditions.push({
      sql: `p.started_at <= ? AND coalesce(
        (SELECT r.ended_at FROM recordings r WHERE r.number = p.number), ?) >= ?`,
      values: [activeAt, Number.MAX_SAFE_INTEGER, activeAt],
    })
  }
  return conditions
}
