import express, { Router } from 'express'
import type { Request, Response } from 'express'
import { sendProblem } from '../app/problem.ts'
import { fieldsOf } from '../login/body-fields.ts'
import { guardChanges, type ChangeOptions } from '../login/change.ts'
import type { SignIn } from '../login/sign-ins.ts'
import { findNamed, type FindRecording } from '../replay/find-channel.ts'
import type { SessionEnder } from '../roles.ts'

export interface EndRouteOptions extends ChangeOptions {
  readonly find: FindRecording
  readonly ender: SessionEnder
}

const LONGEST_REASON = 300
/** The agent reads it on its terminal. */
const UNFIT = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u
const FIELDS = new Set(['reason', 'csrfToken'])

/** Returns the route that ends a running session. */
export function endRoute(options: EndRouteOptions): Router {
  const { find, ender, trail } = options

  async function end(request: Request, response: Response, viewer: SignIn): Promise<void> {
    const reason = reasonIn(fieldsOf(request.body))
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
  const change = guardChanges(options, 'End it with the button on the page.')
  router.post('/api/sessions/:id/end', json, change('sessions.end', end))
  return router
}

function reasonIn(fields: ReadonlyMap<string, unknown>): string | undefined {
  const reason = fields.get('reason')
  if (typeof reason !== 'string' || [...fields.keys()].some((name) => !FIELDS.has(name))) {
    return undefined
  }
  const text = reason.trim()
  return text === '' || text.length > LONGEST_REASON || UNFIT.test(text) ? undefined : text
}
