/** What was written by `tickets.ts` and `grants.ts` comes back here; the file is ours alone (0600). */
import type { SQLOutputValue } from 'node:sqlite'
import type { Grant } from '../ask.ts'
import type { Approval, Bound, Ticket, TicketState } from '../ticket.ts'

type Columns = Record<string, SQLOutputValue>

const STATES: readonly TicketState[] = [
  'pending',
  'approved',
  'used',
  'refused',
  'expired',
  'cancelled',
]

export function ticketFrom(columns: Columns, approvals: readonly Approval[]): Ticket {
  const endedBy = optional(columns['ended_by'])
  const endReason = optional(columns['end_reason'])
  return {
    id: text(columns, 'id'),
    digest: text(columns, 'digest'),
    state: STATES.find((state) => state === columns['state']) ?? 'cancelled',
    askedAt: Number(columns['asked_at']),
    expiresAt: Number(columns['expires_at']),
    // Those of before variables were kept have none.
    bound: { variables: [], ...(JSON.parse(text(columns, 'bound')) as Omit<Bound, 'variables'>) },
    send: bytes(columns, 'send'),
    approvals,
    ...(columns['ended_at'] === null ? {} : { endedAt: Number(columns['ended_at']) }),
    ...(endedBy === undefined ? {} : { endedBy }),
    ...(endReason === undefined ? {} : { endReason }),
  }
}

export function approvalFrom(columns: Columns): Approval {
  return JSON.parse(text(columns, 'person')) as Approval
}

export function grantFrom(columns: Columns): Grant {
  return JSON.parse(text(columns, 'details')) as Grant
}

export function text(columns: Columns, name: string): string {
  return String(columns[name])
}

export function bytes(columns: Columns, name: string): Buffer {
  const value = columns[name]
  return value instanceof Uint8Array ? Buffer.from(value) : Buffer.alloc(0)
}

function optional(value: SQLOutputValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}
