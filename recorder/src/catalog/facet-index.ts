import type { DatabaseSync } from 'node:sqlite'
import type { Facet } from './facets.ts'

/** Which recordings have which facets, newest first within each: what makes filtered lists fast. */
export interface FacetIndex {
  /** Says that the facets are true of a recording, from now on. */
  add(recordingId: string, facets: readonly Facet[]): void
  /** Says that a facet is not true of a recording any more. */
  remove(recordingId: string, facet: Facet): void
}

/** Returns the index in `database`. Its methods are part of the transaction that they are called in. */
export function createFacetIndex(database: DatabaseSync): FacetIndex {
  const define = database.prepare(
    'INSERT INTO facets (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING',
  )
  const post = database.prepare(
    `INSERT INTO postings (facet, started_at, number)
       SELECT f.number, r.started_at, r.number FROM facets f, recordings r
         WHERE f.name = ? AND f.value = ? AND r.id = ?
     ON CONFLICT DO NOTHING`,
  )
  const unpost = database.prepare(
    `DELETE FROM postings WHERE (facet, started_at, number) =
       (SELECT f.number, r.started_at, r.number FROM facets f, recordings r
         WHERE f.name = ? AND f.value = ? AND r.id = ?)`,
  )
  return {
    add(recordingId, facets) {
      for (const { name, value } of facets) {
        define.run(name, value)
        post.run(name, value, recordingId)
      }
    },
    remove(recordingId, { name, value }) {
      unpost.run(name, value, recordingId)
    },
  }
}
