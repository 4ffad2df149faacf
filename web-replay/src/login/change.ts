import type { RequestHandler } from 'express'
import { sendProblem } from '../app/problem.ts'
import type { AuditTrail } from '../review/audit-trail.ts'
import { fieldsOf } from './body-fields.ts'
import { freshUntil } from './fresh.ts'
import type { Answer, Guard } from './guard.ts'
import type { Permission } from './groups.ts'
import { isCsrfToken, isSameOrigin } from './same-origin.ts'

/** Guards what changes something. */
export type ChangeGuard = (permission: Permission, answer: Answer) => RequestHandler

export interface ChangeOptions {
  readonly externalUrl: URL
  readonly guard: Guard
  readonly trail: AuditTrail
}

/** What somebody may change who signed in just now. */
export interface FreshChangeOptions extends ChangeOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Where somebody comes back to who has to sign in again. */
  readonly returnTo: string
}

/** Guards changes: only for one of our own pages; `advice` is for who comes from elsewhere. */
export function guardChanges(options: ChangeOptions, advice: string): ChangeGuard {
  const { externalUrl, guard, trail } = options
  return (permission, answer) =>
    guard.api(permission, async (request, response, viewer) => {
      const sent = fieldsOf(request.body).get('csrfToken')
      if (isSameOrigin(request, externalUrl) && isCsrfToken(sent, viewer.csrfToken))
        return answer(request, response, viewer)
      const detail = { path: request.path, reason: 'not-our-page' }
      await trail.write('review.access-denied', request, viewer, detail)
      sendProblem(response, 403, 'Not from our page', advice)
    })
}

/** Guards changes that need a fresh sign-in as well. */
export function guardFreshChanges(options: FreshChangeOptions): ChangeGuard {
  const { trail, now, returnTo } = options
  const changes = guardChanges(options, 'Decide with the buttons on the page.')
  return (permission, answer) =>
    changes(permission, async (request, response, viewer) => {
      if (freshUntil(viewer) > now()) return answer(request, response, viewer)
      const { path } = request
      await trail.write('review.access-denied', request, viewer, { path, reason: 'stale' })
      const detail = 'Your sign-in is older than 15 minutes. Sign in again to decide.'
      const signIn = `/login?prompt=login&returnTo=${encodeURIComponent(returnTo)}`
      sendProblem(response, 403, 'Sign in again', detail, { signIn })
    })
}
