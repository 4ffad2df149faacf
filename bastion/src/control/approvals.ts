import type { ApprovalDesk, DeskPerson } from '@sallyport/web-replay/app'
import express, { type Request, type Router } from 'express'
import { answerControlCall } from '../approve/index.ts'
import { accountOf } from './claimant.ts'

/** The group of who decides at the control socket: a rule must name it, or nobody can decide there. */
export const CONTROL_GROUP = 'control-socket'

/** Returns the routes by which held commands are decided on at the control socket. */
export function createApprovalControl(desk: ApprovalDesk): Router {
  const router = express.Router()
  router.use(async (request, response, next) => {
    const { method, path } = request
    const body: unknown = request.body
    const answer = await answerControlCall(desk, personOf(request), { method, path, body })
    if (answer === undefined) next()
    else response.status(answer.status).json(answer.body)
  })
  return router
}

/**
 * Whoever can open the socket is the bastion's account or root; which person that is, only they say. So all of them
 * count as one.
 */
function personOf(request: Request): DeskPerson {
  const subject = 'control socket'
  const account = accountOf(request)
  const name = account === undefined ? subject : `${subject}, says it is ${account}`
  return { issuer: subject, subject, name, groups: [CONTROL_GROUP] }
}
