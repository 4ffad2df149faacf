import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { Grant } from '../ask.ts'
import type { Bound } from '../ticket.ts'
import { grantFrom } from './decode.ts'

export interface GrantStore {
  add(grant: Grant, cover: string): void
  /** The grant that covers, of those that last beyond `now` the one that lasts longest. */
  covering(cover: string, now: number): Grant | undefined
  get(id: string): Grant | undefined
  /** Grants that were not revoked and whose end nobody has noted yet, soonest to end first. */
  open(): readonly Grant[]
  /** Ends a grant; false when it has ended already. */
  end(id: string, at: number, reason: string): boolean
  forget(time: number): void
}

/**
 * Returns what a grant is for. The rules' terms are part of it: when a policy changes who must agree, or for how long,
 * what was agreed before covers nothing any more.
 */
export function coverOf({ rule, identity, target, login, terms }: Bound): string {
  const { issuer, subject, name } = identity
  const text = JSON.stringify([rule, issuer, subject, name, target, login, terms])
  return createHash('sha256').update(text).digest('hex')
}

export function createGrantStore(database: DatabaseSync): GrantStore {
  const insert = database.prepare(
    'INSERT INTO grants (id, cover, until, details) VALUES (?, ?, ?, ?)',
  )
  const covers = database.prepare(
    `SELECT details FROM grants WHERE cover = ? AND until > ? AND ended_at IS NULL
       ORDER BY until DESC LIMIT 1`,
  )
  const one = database.prepare('SELECT details FROM grants WHERE id = ? AND ended_at IS NULL')
  const openOnes = database.prepare(
    'SELECT details FROM grants WHERE ended_at IS NULL ORDER BY until, id',
  )
  const toEnd = database.prepare(
    'UPDATE grants SET ended_at = ?, end_reason = ? WHERE id = ? AND ended_at IS NULL',
  )
  const remove = database.prepare('DELETE FROM grants WHERE ended_at < ?')
  return {
    add: (grant, cover) => void insert.run(grant.id, cover, grant.until, JSON.stringify(grant)),
    covering(cover, now) {
      const columns = covers.get(cover, now)
      return columns === undefined ? undefined : grantFrom(columns)
    },
    get(id) {
      const columns = one.get(id)
      return columns === undefined ? undefined : grantFrom(columns)
    },
    open: () => openOnes.all().map(grantFrom),
    end: (id, at, reason) => Number(toEnd.run(at, reason, id).changes) === 1,
    forget: (time) => void remove.run(time),
  }
}
