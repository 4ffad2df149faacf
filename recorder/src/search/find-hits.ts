import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite'
import { createRowReader } from '../catalog/row-reader.ts'
import { conditionsOf, selectRecordings } from '../catalog/selection.ts'
import type { SearchAnswer, SearchGroup, SearchHit, SearchQuery } from '../rows/index.ts'
import { CLOSING, markedPieces, OPENING, piecesAround } from './excerpt.ts'
import { commandTerms, outputTerms } from './terms.ts'

/** Hits that one answer looks at, when most of them do not pass the filters. */
const WINDOW = 5_000
/** Hits of one recording that are listed; the others are counted. */
const LISTED = 5
const MOST_GROUPS = 50

type Columns = Record<string, SQLOutputValue>

/** Returns what was found, newest first, and grouped by recording. */
export function findHits(
  database: DatabaseSync,
  query: SearchQuery,
  waiting: number,
): SearchAnswer {
  const isCommands = query.within === 'commands'
  const terms = isCommands ? commandTerms(query.text) : outputTerms(query.text)
  if (terms.kind === 'malformed') return terms
  const before = query.before === undefined ? Number.MAX_SAFE_INTEGER : placeIn(query.before)
  if (before === undefined) {
    return { kind: 'malformed', problem: 'before is not a cursor from an earlier page.' }
  }
  const { filters = {}, scope = { kind: 'all' } } = query
  const selection = selectRecordings(database, filters, scope)
  if (selection === undefined) return { kind: 'page', page: { groups: [], waiting } }
  const conditions = conditionsOf(selection)
  const [index, table] = isCommands ? ['command_text', 'commands'] : ['output_text', 'outputs']
  const places = database.prepare(
    `SELECT rowid FROM ${index} WHERE ${index} MATCH ? AND rowid < ? ORDER BY rowid DESC`,
  )
  const admitted = database.prepare(
    `SELECT h.* FROM ${table} h JOIN recordings p ON p.number = h.recording
      WHERE ${['h.number = ?', 'p.started_at >= ?', 'p.started_at < ?', ...conditions.map(({ sql }) => sql)].join(' AND ')}`,
  )
  // FTS5 overlooks limits on its rowid that are no integers, and a number of ours is none to it.
  const values: SQLInputValue[] = conditions.flatMap((each) => [...each.values])
  const hitOf = isCommands
    ? (columns: Columns) => commandHit(columns, terms.plain)
    : outputHits(database, terms.match)

  const wanted = terms.plain.toLowerCase()
  const isWanted = (columns: Columns): boolean =>
    !isCommands || String(columns['text']).toLowerCase().includes(wanted)

  const groups = new Map<number, { hits: SearchHit[]; more: number }>()
  const most = Math.min(query.limit, MOST_GROUPS)
  let looked = 0
  let next: string | undefined
  let last = before
  for (const { rowid } of places.iterate(terms.match, BigInt(before))) {
    if (looked === WINDOW) {
      next = cursorAt(last)
      break
    }
    looked += 1
    const number = Number(rowid)
    const row = admitted.get(number, selection.from, selection.to, ...values)
    const columns = row !== undefined && isWanted(row) ? row : undefined
    const recording = Number(columns?.['recording'] ?? 0)
    if (columns !== undefined && !groups.has(recording) && groups.size === most) {
      next = cursorAt(last)
      break
    }
    last = number
    if (columns === undefined) continue
    const group = groups.get(recording) ?? { hits: [], more: 0 }
    groups.set(recording, group)
    if (group.hits.length < LISTED) group.hits.push(hitOf(columns))
    else group.more += 1
  }
  const recordingOf = createRowReader(database)
  const found = [...groups].flatMap(([number, { hits, more }]): SearchGroup[] => {
    const recording = recordingOf(number)
    return recording === undefined ? [] : [{ recording, hits, more }]
  })
  return { kind: 'page', page: { groups: found, next, waiting } }
}

function commandHit(columns: Columns, wanted: string): SearchHit {
  return {
    channel: Number(columns['channel']),
    offset: Number(columns['offset']),
    pieces: piecesAround(String(columns['text']), wanted),
    effect: columns['effect'] === 'allow' ? 'allow' : 'deny',
    judged: columns['judged'] === 1,
  }
}

function outputHits(database: DatabaseSync, match: string): (columns: Columns) => SearchHit {
  const snippet = database.prepare(
    `SELECT snippet(output_text, 0, '${OPENING}', '${CLOSING}', '…', 24) AS text FROM output_text
      WHERE output_text MATCH ? AND rowid = ?`,
  )
  return (columns) => ({
    channel: Number(columns['channel']),
    offset: Number(columns['offset']),
    pieces: markedPieces(String(snippet.get(match, BigInt(Number(columns['number'])))?.['text'])),
  })
}

function cursorAt(place: number): string {
  return Buffer.from(`hit:${place}`).toString('base64url')
}

function placeIn(cursor: string): number | undefined {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(cursor)) return undefined
  const digits = /^hit:(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1]
  return digits === undefined ? undefined : Number(digits)
}
