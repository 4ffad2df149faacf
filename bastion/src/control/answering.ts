import express, { type Router } from 'express'
import { claimantOf } from './claimant.ts'
import type { ControlAnswer } from './client.ts'

/** Answers a call, or has nothing to do with its path. The same answers serve the command line when no bastion runs. */
export type AnswerCall = (
  by: string,
  call: { readonly method: string; readonly path: string; readonly body?: unknown },
) => Promise<ControlAnswer | undefined>

/** Returns the routes of what answers calls. Who may come here is for the caller to know. */
export function createAnsweringRouter(answerCall: AnswerCall): Router {
  const router = express.Router()
  router.use(async (request, response, next) => {
    const { method, path } = request
    const body: unknown = request.body
    const answer = await answerCall(claimantOf(request), { method, path, body })
    if (answer === undefined) next()
    else response.status(answer.status).json(answer.body)
  })
  return router
}
