import type { RequestHandler } from 'express'
import { sendProblem } from '../app/problem.ts'
import { csrfTokenOf } from '../approvals/bodies.ts'
import { freshUntil } from '../approvals/fresh.ts'
import type { AuditTrail } from '../review/audit-trail.ts'
import type { Answer, Guard } from './guard.ts'
import type { Permission } from './groups.ts'
import { isCsrfToken, isSameOrigin } from './same-origin.ts'

export interface ChangeOptions {
  readonly externalUrl: URL
  readonly guard: Guard
  readonly trail: AuditTrail
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Where somebody comes back to who has to sign in again. */
  readonly returnTo: string
}

/** Guards what changes something: only for one of our own pages, and for somebody who signed in just now. */
export function guardChanges(
  options: ChangeOptions,
): (permission: Permission, answer: Answer) => RequestHandler {
  const { externalUrl, guard, trail, now, returnTo } = options
  return (permission, answer) =>
    guard.api(permission, async (request, response, viewer) => {
      const sent = csrfTokenOf(request.body)
      const { path } = request
      if (!isSameOrigin(request, externalUrl) || !isCsrfToken(sent, viewer.csrfToken)) {
        await trail.write('review.access-denied', request, viewer, { path, reason: 'not-our-page' })
        sendProblem(response, 403, 'Not from our page', 'Decide with the buttons on the page.')
      } else if (freshUntil(viewer) <= now()) {
        await trail.write('review.access-denied', request, viewer, { path, reason: 'stale' })
        const detail = 'Your sign-in is older than 15 minutes. Sign in again to decide.'
        const signIn = `/login?prompt=login&returnTo=${encodeURIComponent(returnTo)}`
        sendProblem(response, 403, 'Sign in again', detail, { signIn })
      } else await answer(request, response, viewer)
    })
}
