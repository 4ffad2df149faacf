import { longestGrant, type ApprovalAsk, type Asked } from './ask.ts'
import { waitsFor } from './approver.ts'
import { detailOf } from './audit-detail.ts'
import { endTicket, type ApprovalContext } from './context.ts'
import { crowded, problemOf, type Most } from './room.ts'
import { coverOf } from './store/grants.ts'
import { boundOf } from './ticket.ts'

/** Puts a held command to the approvers, unless a grant covers it or nobody can be asked. */
export function putAsk(context: ApprovalContext, ask: ApprovalAsk, most: Most): Asked {
  const { store, waiting, audit, notifier, now } = context
  const bound = boundOf(ask)
  const { held } = ask
  const reject = (message: string): Asked => {
    audit.write('approve.not-asked', { ...detailOf(bound), message })
    return { kind: 'rejected', message }
  }
  const problem = problemOf(ask)
  if (problem !== undefined) return reject(problem)
  try {
    const grant = longestGrant(held) > 0 ? store.grants.covering(coverOf(bound), now()) : undefined
    if (grant !== undefined) {
      const { id, until, by } = grant
      audit.write('approve.grant-used', { ...detailOf(bound), grant: id, until, by })
      return { kind: 'granted', send: Buffer.from(held.send), grant }
    }
    const full = crowded(most, { own: waiting.countOf({ bound }), all: waiting.size })
    if (full !== undefined) return reject(full)
    const askedAt = now()
    const expiresAt = askedAt + Math.min(...held.terms.map(({ ttl }) => ttl)) * 1000
    const ticket = store.tickets.add({
      id: context.newId(),
      askedAt,
      expiresAt,
      bound,
      send: Buffer.from(held.send),
    })
    const { id, digest } = ticket
    const link = context.linkOf(id)
    const outcome = waiting.add(ticket)
    audit.write('approve.asked', { ticket: id, digest, expiresAt, ...detailOf(bound) })
    notifier?.notify('asked', ticket, link)
    context.changed(bound.target)
    return {
      kind: 'pending',
      ticket: id,
      expiresAt,
      link,
      waitsFor: waitsFor(bound.terms, []),
      outcome,
      cancel: (reason) => {
        endTicket(context, ticket, { state: 'cancelled', at: now(), reason })
      },
    }
  } catch (error) {
    audit.write('approve.failed', { ...detailOf(bound), error })
    return { kind: 'rejected', message: 'the approval could not be stored' }
  }
}
