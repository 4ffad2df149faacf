import type { Outcome } from './ask.ts'
import { detailOf } from './audit-detail.ts'
import type { ApprovalAudit, Notifier } from './roles.ts'
import type { ApprovalStore } from './store/open-store.ts'
import type { TicketEnd } from './store/tickets.ts'
import type { Ticket } from './ticket.ts'
import type { Waiting } from './waiting.ts'

/** What asking, deciding and ending have in common. */
export interface ApprovalContext {
  readonly store: ApprovalStore
  readonly waiting: Waiting
  readonly audit: ApprovalAudit
  readonly notifier: Notifier | undefined
  readonly now: () => number
  readonly newId: () => string
  readonly linkOf: (ticket: string) => string
  /** Tells those who watch that something of a target has changed. */
  readonly changed: (target: string) => void
}

const NOTICE = { refused: 'refused', expired: 'expired', cancelled: 'cancelled' } as const

/**
 * Ends a ticket that was not used; false when it had ended before. When the end cannot be written, the wait ends all
 * the same: nothing that nobody waits for is ever run, and the next start ends the ticket on disk.
 */
export function endTicket(
  context: ApprovalContext,
  ticket: Ticket,
  end: TicketEnd,
  detail: Readonly<Record<string, unknown>> = {},
): boolean {
  const { store, waiting, audit, notifier } = context
  if (!waiting.has(ticket.id)) return false
  try {
    if (!store.tickets.end(ticket.id, end)) return false
  } catch (error) {
    audit.write('approve.failed', { ticket: ticket.id, error })
  }
  const { by, reason } = end
  audit.write(`approve.${end.state}`, {
    ticket: ticket.id,
    ...detailOf(ticket.bound),
    ...(by === undefined ? {} : { by }),
    ...(reason === undefined ? {} : { reason }),
    ...detail,
  })
  waiting.settle(ticket.id, outcomeOf(end))
  notifier?.notify(NOTICE[end.state], ticket, context.linkOf(ticket.id))
  context.changed(ticket.bound.target)
  return true
}

function outcomeOf({ state, by = '', reason = '' }: TicketEnd): Outcome {
  switch (state) {
    case 'refused':
      return { kind: 'refused', by, reason }
    case 'expired':
      return { kind: 'expired' }
    case 'cancelled':
      return { kind: 'cancelled', reason }
  }
}
