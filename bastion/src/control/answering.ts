import express, { type Router } from 'express'
import { BastionError } from '../errors.ts'
import type { AnswerCall } from './call.ts'
import { claimantOf } from './claimant.ts'

/** Returns the routes of what answers calls. Who may come here is for the caller to know. */
export function createAnsweringRouter(answerCall: AnswerCall): Router {
  const router = express.Router()
  router.use(async (request, response, next) => {
    const { method, path } = request
    const body: unknown = request.body
    try {
      const answer = await answerCall(claimantOf(request), { method, path, body })
      if (answer === undefined) next()
      else response.status(answer.status).json(answer.body)
    } catch (error) {
      // That a target does not answer is no fault of ours.
      if (!(error instanceof BastionError) || error.code !== 'ERR_BASTION_UPSTREAM') throw error
      response.status(502).json({ error: error.message })
    }
  })
  return router
}
