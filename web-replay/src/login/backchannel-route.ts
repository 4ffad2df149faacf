import express, { Router, type ErrorRequestHandler, type Request, type Response } from 'express'
import type { DoorLimit } from '../limit/door-limit.ts'
import type { AuditTrail } from '../review/audit-trail.ts'
import { visibleText } from '../review/visible-text.ts'
import { fieldsOf } from './body-fields.ts'
import { concerns, type Logouts } from './logouts.ts'
import type { IdentityProvider } from './provider.ts'
import type { SignIns } from './sign-ins.ts'

export interface BackchannelRouteOptions {
  readonly provider: IdentityProvider
  readonly signIns: SignIns
  readonly logouts: Logouts
  readonly limit: DoorLimit
  readonly trail: AuditTrail
  readonly onError: (error: unknown) => void
}

const PATH = '/login/backchannel'

/**
 * Returns the route by which the identity provider ends sign-ins (OpenID Connect Back-Channel Logout 1.0). It is the one
 * that changes something without a CSRF token and for any origin: no browser calls it and no cookie counts here, the
 * provider's signature is all of its authority.
 */
export function backchannelRoute(options: BackchannelRouteOptions): Router {
  const { provider, signIns, logouts, limit, trail, onError } = options

  async function logOut(request: Request, response: Response): Promise<void> {
    const sent = fieldsOf(request.body).get('logout_token')
    if (typeof sent !== 'string') return refuse(request, response, 'there is no logout_token')
    const verdict = await provider.verifyLogout(sent)
    if (verdict.kind === 'refused') return refuse(request, response, verdict.reason)
    const { logout } = verdict
    if (!logouts.add(logout)) return refuse(request, response, 'it has come before')
    const ended = signIns.endAll((person) => concerns(logout, person))
    limit.isGenuine(request, 1)
    const { subject, session } = logout
    await trail.write('review.logged-out', request, ended[0], {
      subject,
      session: session === undefined ? undefined : visibleText(session),
      ended: ended.length,
    })
    response.status(200).end()
  }

  async function refuse(request: Request, response: Response, why: string): Promise<void> {
    const reason = visibleText(why, 200)
    await trail.write('review.logout-refused', request, undefined, { reason })
    sendError(response, 'invalid_request', `The logout token was refused: ${reason}.`)
  }

  /** The specification knows one answer to whatever went wrong. */
  const failed: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
    const status = error instanceof Error && 'status' in error ? Number(error.status) : 500
    if (status < 500) return sendError(response, 'invalid_request', 'The form cannot be read.')
    onError(error)
    sendError(response, 'server_error', 'The logout could not be carried out.')
  }

  const limited = limit.before((response) => {
    const sentence = 'Too many logout tokens were refused. Send this one again later.'
    response.json({ error: 'temporarily_unavailable', error_description: sentence })
  })
  const form = express.urlencoded({ extended: false, limit: 16 * 1024, parameterLimit: 20 })
  const router = Router()
  router.post(PATH, limited, form, logOut)
  router.use(PATH, failed)
  return router
}

function sendError(response: Response, error: string, sentence: string): void {
  response.status(400).json({ error, error_description: sentence })
}
