import type { ClaimFilter, DecisionKind, RecordingFilters, RecordingStatus } from '../roles.ts'
import { parseMoment } from './moment.ts'

const LONGEST = 512
const MOST_CLAIMS = 8
const CLAIM = /^claim\.(.{1,200})$/su

const DECISIONS: readonly DecisionKind[] = ['allowed', 'denied', 'held', 'not-judged']
const STATUSES: readonly RecordingStatus[] = ['running', 'ended', 'interrupted', 'failed']

/** What a request asks to find; `problem` is a sentence for the caller. */
export type ParsedFilters =
  | { readonly kind: 'filters'; readonly filters: RecordingFilters }
  | { readonly kind: 'malformed'; readonly problem: string }

type Read = { readonly filters: RecordingFilters } | { readonly problem: string }

/** Every filter by its parameter, with what reads its value. `claim.NAME` stands beside them. */
const READERS: ReadonlyMap<string, (text: string, name: string) => Read> = new Map([
  ['agent', plain((agent) => ({ agent }))],
  ['target', plain((target) => ({ target }))],
  ['login', plain((login) => ({ login }))],
  ['kind', plain((kind) => ({ kind }))],
  ['rule', plain((rule) => ({ rule }))],
  ['status', oneOf(STATUSES, (status) => ({ status }))],
  ['decision', oneOf(DECISIONS, (decision) => ({ decision }))],
  ['exit', readExit],
  ['from', moment((from) => ({ from }))],
  ['to', moment((to) => ({ to }))],
  ['activeAt', moment((activeAt) => ({ activeAt }))],
])

/**
 * Returns the filters in a query. Every parameter that is neither a filter nor one of `others` is
 * refused by name: a misspelt filter must not show more than was asked for.
 */
export function parseFilters(
  query: Readonly<Record<string, unknown>>,
  others: readonly string[],
): ParsedFilters {
  let filters: RecordingFilters = {}
  const claims: ClaimFilter[] = []
  for (const [name, value] of Object.entries(query)) {
    if (others.includes(name)) continue
    const claim = CLAIM.exec(name)?.[1]
    const read = READERS.get(name)
    if (claim === undefined && read === undefined) {
      const known = [...READERS.keys(), 'claim.NAME', ...others].join(', ')
      return malformed(`There is no filter ${quoted(name)}. There are: ${known}.`)
    }
    if (typeof value !== 'string') return malformed(`${name} may be given once.`)
    if (value === '' || value.length > LONGEST) {
      return malformed(`${quoted(name)} must be 1 to ${LONGEST} characters long.`)
    }
    if (claim !== undefined) claims.push({ name: claim, value })
    const result = read?.(value, name) ?? { filters: {} }
    if ('problem' in result) return malformed(result.problem)
    filters = { ...filters, ...result.filters }
  }
  if (claims.length > MOST_CLAIMS) {
    return malformed(`At most ${MOST_CLAIMS} claims can be asked for.`)
  }
  return { kind: 'filters', filters: claims.length === 0 ? filters : { ...filters, claims } }
}

function plain(filter: (text: string) => RecordingFilters): (text: string) => Read {
  return (text) => ({ filters: filter(text) })
}

function oneOf<Word extends string>(
  words: readonly Word[],
  filter: (word: Word) => RecordingFilters,
): (text: string, name: string) => Read {
  return (text, name) => {
    const word = words.find((each) => each === text)
    if (word === undefined) return { problem: `${name} must be one of ${words.join(', ')}.` }
    return { filters: filter(word) }
  }
}

function moment(
  filter: (milliseconds: number) => RecordingFilters,
): (text: string, name: string) => Read {
  return (text, name) => {
    const milliseconds = parseMoment(text)
    if (milliseconds !== undefined) return { filters: filter(milliseconds) }
    return { problem: `${name} must be a time such as 2026-11-27T09:30:00Z.` }
  }
}

function readExit(text: string): Read {
  if (text === 'failed' || text === 'signal') return { filters: { exit: text } }
  if (/^(?:0|[1-9][0-9]{0,9})$/.test(text)) return { filters: { exit: Number(text) } }
  return { problem: 'exit must be a number, failed or signal.' }
}

function malformed(problem: string): ParsedFilters {
  return { kind: 'malformed', problem }
}

/** Returns a name out of a request, short and with nothing that hides. */
function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 40).replaceAll(/[^\x20-\x7e]/g, '?'))
}
