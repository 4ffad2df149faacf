import type { Ticket } from './ticket.ts'

/** Where everything that happens to a ticket is written down. Never throws. */
export interface ApprovalAudit {
  write(event: string, detail: Readonly<Record<string, unknown>>): void
}

/** What the world outside is told about a ticket. */
export type NoticeKind = 'asked' | 'approved' | 'refused' | 'expired' | 'cancelled'

/** Takes notices and delivers them on its own time. Never throws and never waits. */
export interface Notifier {
  notify(kind: NoticeKind, ticket: Ticket, link: string): void
}
