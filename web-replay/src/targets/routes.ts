import express, { Router, type Request, type Response } from 'express'
import { sendProblem } from '../app/problem.ts'
import { createLiveStreams } from '../approvals/live.ts'
import { guardFreshChanges, type FreshChangeOptions } from '../login/change.ts'
import type { Answer } from '../login/guard.ts'
import type { SignIns } from '../login/sign-ins.ts'
import type { ReviewPages } from '../pages/review-pages.ts'
import { visibleJson, visibleText } from '../review/visible-text.ts'
import type { TargetDesk } from './desk.ts'

export interface TargetRoutesOptions extends Omit<FreshChangeOptions, 'returnTo'> {
  readonly desk: TargetDesk
  readonly signIns: SignIns
  readonly pages: ReviewPages
}

const KEY = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** Returns the page and the API of the keys at the targets; `close` ends the streams that are open. */
export function targetRoutes(options: TargetRoutesOptions): {
  readonly router: Router
  close(): void
} {
  const { guard, desk, signIns, pages, trail, now } = options
  const live = createLiveStreams(signIns)
  const unsubscribe = desk.subscribe(() => live.changed())
  const change = guardFreshChanges({ ...options, returnTo: '/targets' })

  async function list(_request: Request, response: Response): Promise<void> {
    const rows = visibleJson(await desk.list())
    response.json({ now: now(), frozen: await desk.frozen(), rows })
  }

  const plan: Answer = async (request, response) => {
    const key = keyOf(request)
    if (key === undefined) return sendProblem(response, 404, 'No such key')
    const answer = await desk.plan(key)
    if (answer.kind === 'ok') response.json({ places: visibleJson(answer.places) })
    else sendProblem(response, 409, 'Not looked at', visibleText(answer.message))
  }

  const rotate: Answer = async (request, response, viewer) => {
    const key = keyOf(request)
    if (key === undefined) return sendProblem(response, 404, 'No such key')
    const { issuer, subject, name, groups } = viewer
    const answer = await desk.rotate(key, { issuer, subject, name, groups })
    await trail.write('review.rotation-asked', request, viewer, { key, outcome: answer.kind })
    if (answer.kind === 'ok') response.status(202).json({ run: answer.run })
    else sendProblem(response, 409, 'Not begun', visibleText(answer.message))
  }

  const json = express.json({ limit: 16 * 1024, type: 'application/json' })
  const router = Router()
  router.get(
    '/targets',
    guard.page('keys.rotate', (_request, response, viewer) => pages.targets(response, viewer)),
  )
  router.get('/api/targets', guard.api('keys.rotate', list))
  router.get(
    '/api/targets/events',
    guard.api('keys.rotate', (...given) => live.open(...given)),
  )
  router.post('/api/targets/keys/:key/plan', json, change('keys.rotate', plan))
  router.post('/api/targets/keys/:key/rotate', json, change('keys.rotate', rotate))
  return {
    router,
    close() {
      unsubscribe()
      live.close()
    },
  }
}

function keyOf(request: Request): string | undefined {
  const key = request.params['key']
  return typeof key === 'string' && KEY.test(key) ? key : undefined
}
