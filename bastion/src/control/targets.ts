import express, { type Router } from 'express'
import { BastionError } from '../errors.ts'
import { answerTargetCall, type TargetDesk } from '../targets/index.ts'
import { claimantOf } from './claimant.ts'

/** Returns the routes by which the host keys of targets are looked at and decided on. */
export function createTargetControl(desk: TargetDesk): Router {
  const router = express.Router()
  router.use(async (request, response, next) => {
    const { method, path } = request
    const body: unknown = request.body
    try {
      const answer = await answerTargetCall(desk, claimantOf(request), { method, path, body })
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
