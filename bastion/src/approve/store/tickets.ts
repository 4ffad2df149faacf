import type { DatabaseSync } from 'node:sqlite'
import { digestOf, type Approval, type Bound, type Ticket } from '../ticket.ts'
import { approvalFrom, bytes, text, ticketFrom } from './decode.ts'

/** How a ticket ends without being used. */
export interface TicketEnd {
  readonly state: 'refused' | 'expired' | 'cancelled'
  readonly at: number
  readonly by?: string
  readonly reason?: string
}

/**
 * The tickets on disk. Each change of state is one conditional update that names the state before it, and returns
 * whether it was this call that made the change: of two that try, one wins.
 */
export interface TicketStore {
  add(ticket: {
    readonly id: string
    readonly askedAt: number
    readonly expiresAt: number
    readonly bound: Bound
    readonly send: Buffer
  }): Ticket
  get(id: string): Ticket | undefined
  /** Tickets that have not ended, oldest first. */
  open(): readonly Ticket[]
  /** Ended tickets, latest first. */
  ended(limit: number): readonly Ticket[]
  /** Adds one person's yes to a pending ticket; false for a second one of the same person. */
  addApproval(id: string, approval: Approval): boolean
  /** pending to approved, while there is time. */
  approve(id: string, now: number): boolean
  /** approved to used, if all is still as it was when it was asked for. */
  use(id: string, now: number): boolean
  /** pending or approved to an end. */
  end(id: string, end: TicketEnd): boolean
  /** Forgets what ended before `time`. */
  forget(time: number): void
}

export function createTicketStore(database: DatabaseSync): TicketStore {
  const insert = database.prepare(
    `INSERT INTO tickets (id, digest, state, asked_at, expires_at, bound, send)
       VALUES (?, ?, 'pending', ?, ?, ?, ?)`,
  )
  const one = database.prepare('SELECT * FROM tickets WHERE id = ?')
  const openOnes = database.prepare(
    "SELECT * FROM tickets WHERE state IN ('pending', 'approved') ORDER BY asked_at, id",
  )
  const endedOnes = database.prepare(
    'SELECT * FROM tickets WHERE ended_at IS NOT NULL ORDER BY ended_at DESC, id LIMIT ?',
  )
  const approvals = database.prepare(
    'SELECT person FROM approvals WHERE ticket = ? ORDER BY at, issuer, subject',
  )
  const insertApproval = database.prepare(
    `INSERT INTO approvals (ticket, issuer, subject, person, at)
       SELECT id, ?, ?, ?, ? FROM tickets WHERE id = ? AND state = 'pending'
       ON CONFLICT DO NOTHING`,
  )
  const toApproved = database.prepare(
    "UPDATE tickets SET state = 'approved' WHERE id = ? AND state = 'pending' AND expires_at > ?",
  )
  const toUsed = database.prepare(
    `UPDATE tickets SET state = 'used', ended_at = ?
       WHERE id = ? AND state = 'approved' AND digest = ?`,
  )
  const toEnd = database.prepare(
    `UPDATE tickets SET state = ?, ended_at = ?, ended_by = ?, end_reason = ?
       WHERE id = ? AND state IN ('pending', 'approved')`,
  )
  const remove = database.prepare('DELETE FROM tickets WHERE ended_at < ?')

  function get(id: string): Ticket | undefined {
    const columns = one.get(id)
    return columns === undefined
      ? undefined
      : ticketFrom(columns, approvals.all(id).map(approvalFrom))
  }

  return {
    add({ id, askedAt, expiresAt, bound, send }) {
      const boundText = JSON.stringify(bound)
      const digest = digestOf(boundText, send)
      insert.run(id, digest, askedAt, expiresAt, boundText, send)
      return { id, digest, state: 'pending', askedAt, expiresAt, bound, send, approvals: [] }
    },
    get,
    open: () => present(openOnes.all().map((columns) => get(text(columns, 'id')))),
    ended: (limit) => present(endedOnes.all(limit).map((columns) => get(text(columns, 'id')))),
    addApproval(id, approval) {
      const { issuer, subject, at } = approval
      const person = JSON.stringify(approval)
      return Number(insertApproval.run(issuer, subject, person, at, id).changes) === 1
    },
    approve: (id, now) => Number(toApproved.run(id, now).changes) === 1,
    use(id, now) {
      const columns = one.get(id)
      if (columns === undefined) return false
      // Of what is stored now: a row that was altered since then no longer has the digest that was approved.
      const digest = digestOf(text(columns, 'bound'), bytes(columns, 'send'))
      return Number(toUsed.run(now, id, digest).changes) === 1
    },
    end: (id, { state, at, by, reason }) =>
      Number(toEnd.run(state, at, by ?? null, reason ?? null, id).changes) === 1,
    forget: (time) => void remove.run(time),
  }
}

function present(tickets: readonly (Ticket | undefined)[]): readonly Ticket[] {
  return tickets.filter((ticket) => ticket !== undefined)
}
