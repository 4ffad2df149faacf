import type { Outcome } from './ask.ts'
import type { Ticket } from './ticket.ts'

/** The commands that wait, in this run of the program: only what is in here can still be let go. */
export interface Waiting {
  readonly size: number
  add(ticket: Ticket): Promise<Outcome>
  has(id: string): boolean
  /** Keeps what has changed of a ticket that still waits. */
  update(ticket: Ticket): void
  /** How many commands of the same identity wait. */
  countOf(ticket: Pick<Ticket, 'bound'>): number
  /** Ends the wait of `id`; the second time, and for others, nothing happens. */
  settle(id: string, outcome: Outcome): void
  /** In the order in which they came. */
  tickets(): readonly Ticket[]
}

interface Entry {
  readonly ticket: Ticket
  readonly resolve: (outcome: Outcome) => void
}

export function createWaiting(): Waiting {
  const entries = new Map<string, Entry>()
  return {
    get size() {
      return entries.size
    },
    add(ticket) {
      const { promise, resolve } = Promise.withResolvers<Outcome>()
      entries.set(ticket.id, { ticket, resolve })
      return promise
    },
    has: (id) => entries.has(id),
    update(ticket) {
      const entry = entries.get(ticket.id)
      if (entry !== undefined) entries.set(ticket.id, { ...entry, ticket })
    },
    countOf({ bound }) {
      const key = keyOf({ bound })
      return [...entries.values()].filter(({ ticket }) => keyOf(ticket) === key).length
    },
    settle(id, outcome) {
      const entry = entries.get(id)
      if (entry === undefined) return
      entries.delete(id)
      entry.resolve(outcome)
    },
    tickets: () => [...entries.values()].map(({ ticket }) => ticket),
  }
}

function keyOf({ bound: { identity } }: Pick<Ticket, 'bound'>): string {
  return JSON.stringify([identity.issuer, identity.subject, identity.name])
}
