import type { NoticeKind } from '../roles.ts'
import type { Ticket } from '../ticket.ts'

/** Returns the body of a notice: what an approver needs to know, and nothing that the page does not show. */
export function payloadOf(kind: NoticeKind, ticket: Ticket, link: string, now: number): string {
  const { id, expiresAt, bound, send } = ticket
  const { identity, target, login, rule, judged, commands } = bound
  return JSON.stringify({
    type: `approval.${kind}`,
    timestamp: new Date(now).toISOString(),
    data: {
      ticket: id,
      rule,
      identity: identity.name,
      target,
      login,
      judged,
      argv: commands,
      // The words alone say nothing of redirects, operators, folders and variables.
      text: send.toString('utf8'),
      link,
      expiresAt: new Date(expiresAt).toISOString(),
    },
  })
}
