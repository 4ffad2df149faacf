import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { Cursor } from './cursor.ts'
import { type Condition, conditionsOf, type Selection } from './selection.ts'
import { spanSecond } from './spans.ts'

/** How many recordings one page looks through when most of them do not pass the filters. */
const WINDOW = 10_000
/** Of how many a facet counts as frequent, when the rarest is chosen. */
const FREQUENT = 2_000
/** Up to so many targets are listed one by one; the recordings of more are looked through. */
const MERGED_TARGETS = 64

/** Recordings in order, newest first; `end` is where a later look goes on. */
export interface Places {
  readonly found: readonly Cursor[]
  /** Present when not all could be looked through; nothing between the last found and it passes. */
  readonly end?: Cursor
}

/** Rows with `started_at` and `number`, called `p`, in an index that has them in order. */
interface Source {
  readonly from: string
  readonly where: readonly Condition[]
}

/**
 * Returns up to `limit` recordings of the selection that come after `before`. Its time is bounded
 * by WINDOW, whatever the filters: it gives up early rather than look through everything.
 */
export function findPlaces(
  database: DatabaseSync,
  selection: Selection,
  before: Cursor | undefined,
  limit: number,
): Places {
  const latest = { startedAt: selection.to, number: 0 }
  const upper = before === undefined || isLater(before, latest) ? latest : before
  const lower = { startedAt: selection.from, number: 0 }
  const { facets, targets, activeAt } = selection
  if (activeAt !== undefined) {
    const source = activeSource(activeAt)
    return { found: select(database, source, conditionsOf(selection), lower, upper, limit) }
  }
  if (facets.length === 0 && targets !== undefined && targets.facets.length <= MERGED_TARGETS) {
    const lists = targets.facets.map((facet) =>
      select(database, postings(facet), [], lower, upper, limit),
    )
    const found = lists.flat().toSorted((a, b) => (isLater(a, b) ? -1 : 1))
    return { found: found.slice(0, limit) }
  }
  const facet = rarest(database, facets, lower, upper)
  const source = facet === undefined ? { from: 'recordings p', where: [] } : postings(facet)
  const conditions = conditionsOf(selection, new Set(facet === undefined ? [] : [facet]))
  if (conditions.length === 0) {
    return { found: select(database, source, [], lower, upper, limit) }
  }
  const [end] = select(database, source, [], lower, upper, 1, WINDOW)
  const found = select(database, source, conditions, end ?? lower, upper, limit)
  return end === undefined || found.length === limit ? { found } : { found, end }
}

function isLater(a: Cursor, b: Cursor): boolean {
  return a.startedAt === b.startedAt ? a.number > b.number : a.startedAt > b.startedAt
}

function postings(facet: number): Source {
  return { from: 'postings p', where: [{ sql: 'p.facet = ?', values: [facet] }] }
}

function activeSource(moment: number): Source {
  const second = spanSecond(moment)
  return {
    // CROSS: begin with the spans, of which few are open at one moment.
    from: 'spans s CROSS JOIN recordings p ON p.number = s.number',
    where: [{ sql: 's.first <= ? AND s.last >= ?', values: [second, second] }],
  }
}

function select(
  database: DatabaseSync,
  source: Source,
  conditions: readonly Condition[],
  lower: Cursor,
  upper: Cursor,
  limit: number,
  skip = 0,
): Cursor[] {
  const bounds: Condition[] = [
    { sql: '(p.started_at, p.number) < (?, ?)', values: [upper.startedAt, upper.number] },
    { sql: '(p.started_at, p.number) >= (?, ?)', values: [lower.startedAt, lower.number] },
  ]
  const all = [...source.where, ...bounds, ...conditions]
  const values: SQLInputValue[] = all.flatMap((each) => [...each.values])
  const statement = database.prepare(
    `SELECT p.started_at AS "startedAt", p.number AS number FROM ${source.from}
      WHERE ${all.map(({ sql }) => sql).join(' AND ')}
      ORDER BY p.started_at DESC, p.number DESC LIMIT ? OFFSET ?`,
  )
  return statement.all(...values, limit, skip).map(({ startedAt, number }) => ({
    startedAt: Number(startedAt),
    number: Number(number),
  }))
}

/** Returns the facet that the fewest recordings have; any of the frequent ones when all are. */
function rarest(
  database: DatabaseSync,
  facets: readonly number[],
  lower: Cursor,
  upper: Cursor,
): number | undefined {
  if (facets.length < 2) return facets[0]
  const counted = facets.map((facet) => {
    const isFrequent = select(database, postings(facet), [], lower, upper, 1, FREQUENT).length > 0
    if (isFrequent) return { facet, count: FREQUENT }
    return { facet, count: select(database, postings(facet), [], lower, upper, FREQUENT).length }
  })
  return counted.reduce((least, each) => (each.count < least.count ? each : least)).facet
}
