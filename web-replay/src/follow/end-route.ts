import express, { Router } from 'express'
import type { Request, Response } from 'express'
import { sendProblem } from '../app/problem.ts'
import type { Guard } from '../login/guard.ts'
import { isCsrfToken, isSameOrigin } from '../login/same-origin.ts'
import type { SignIn } from '../login/sign-ins.ts'
import { findNamed, type FindRecording } from '../replay/find-channel.ts'
import type { AuditTrail } from '../review/audit-trail.ts'
import type { SessionEnder } from '../roles.ts'

export interface EndRouteOptions {
  readonly externalUrl: URL
  readonly guard: Guard
  readonly find: FindRecording
  readonly ender: SessionEnder
  readonly trail: AuditTrail
}

const LONGEST_REASON = 300
/** The agent reads it on its terminal. */
const UNFIT = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u
const FIELDS = new Set(['reason', 'csrfToken'])

/** Returns the route that ends a running session. */
export function endRoute(options: EndRouteOptions): Router {
  const { externalUrl, guard, find, ender, trail } = options

  async function end(request: Request, response: Response, viewer: SignIn): Promise<void> {
    const fields = fieldsOf(request.body)
    if (
      !isSameOrigin(request, externalUrl) ||
      !isCsrfToken(fields.get('csrfToken'), viewer.csrfToken)
    ) {
      const detail = { path: request.path, reason: 'not-our-page' }
      await trail.write('review.access-denied', request, viewer, detail)
      return sendProblem(response, 403, 'Not from our page', 'End it with the button on the page.')
    }
    const reason = reasonIn(fields)
    if (reason === undefined) {
      const detail = `A reason is needed: one line of 1 to ${LONGEST_REASON} characters.`
      return sendProblem(response, 400, 'No reason', detail)
    }
    const recording = await findNamed(request, viewer, find)
    if (recording === undefined) {
      return sendProblem(response, 404, 'No such session', 'No recording has this id.')
    }
    const recordingId = recording.recording.id
    await trail.write('review.end-asked', request, viewer, { recordingId, reason })
    const by = `${viewer.name} (${viewer.subject} at ${viewer.issuer})`
    if (await ender.end(recordingId, `a reviewer ended it: ${reason}`, by)) {
      response.json({ kind: 'ended' })
    } else sendProblem(response, 409, 'Not running', 'This session has ended already.')
  }

  const json = express.json({ limit: 4 * 1024, type: 'application/json' })
  const router = Router()
  router.post('/api/sessions/:id/end', json, guard.api('sessions.end', end))
  return router
}

function fieldsOf(body: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof body === 'object' && body !== null ? Object.entries(body) : [])
}

function reasonIn(fields: ReadonlyMap<string, unknown>): string | undefined {
  const reason = fields.get('reason')
  if (typeof reason !== 'string' || [...fields.keys()].some((name) => !FIELDS.has(name))) {
    return undefined
  }
  const text = reason.trim()
  return text === '' || text.length > LONGEST_REASON || UNFIT.test(text) ? undefined : text
}
