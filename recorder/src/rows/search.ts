import type { ListQuery } from './query.ts'
import type { RecordingRow } from './rows.ts'

/** A question for the search: the list's own filters, and what to look for in them. */
export interface SearchQuery extends ListQuery {
  readonly text: string
  readonly within: 'commands' | 'output'
}

/** A stretch of an excerpt; `hit` for what was looked for. */
export interface SearchPiece {
  readonly text: string
  readonly hit: boolean
}

/** One place in a recording. `offset` is seconds since the start of its channel. */
export interface SearchHit {
  readonly channel: number
  readonly offset: number
  readonly pieces: readonly SearchPiece[]
  /** Of a command: how it was decided on. */
  readonly effect?: 'allow' | 'deny' | undefined
  readonly judged?: boolean | undefined
}

/** The first hits in one recording; `more` counts those that are not listed. */
export interface SearchGroup {
  readonly recording: RecordingRow
  readonly hits: readonly SearchHit[]
  readonly more: number
}

/** Hits by recording, newest first. `waiting` counts finished recordings not searched in yet. */
export interface SearchPage {
  readonly groups: readonly SearchGroup[]
  readonly next?: string | undefined
  readonly waiting: number
}

/** What came of a search; `problem` is a sentence for whoever asked. */
export type SearchAnswer =
  | { readonly kind: 'page'; readonly page: SearchPage }
  | { readonly kind: 'malformed'; readonly problem: string }
  | { readonly kind: 'busy' }
