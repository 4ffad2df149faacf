import express, { Router } from 'express'
import type { Request, Response } from 'express'
import { sendProblem } from '../app/problem.ts'
import { guardFreshChanges } from '../login/change.ts'
import type { Answer, Guard } from '../login/guard.ts'
import type { SignIn, SignIns } from '../login/sign-ins.ts'
import type { ReviewPages } from '../pages/review-pages.ts'
import type { AuditTrail } from '../review/audit-trail.ts'
import { visibleText } from '../review/visible-text.ts'
import type { ApprovalDesk, DeskAnswer, Scope } from '../roles.ts'
import { parseId, parseReason, parseVerdict } from './bodies.ts'
import { freshUntil } from '../login/fresh.ts'
import { createHeldView, grantView } from './held-view.ts'
import { createLiveStreams } from './live.ts'
import { createScopedDesk } from './scoped-desk.ts'

export interface ApprovalRoutesOptions {
  readonly externalUrl: URL
  readonly guard: Guard
  readonly desk: ApprovalDesk
  /** What somebody may see and decide on, by its target. */
  readonly scopeOf: (viewer: SignIn) => Scope
  readonly signIns: SignIns
  readonly pages: ReviewPages
  readonly trail: AuditTrail
  readonly now: () => number
}

/** Rows of one answer; who waits longest comes first. */
const MOST_ROWS = 100

/** Returns the page and the API of held commands; `close` ends the streams that are open. */
export function approvalRoutes(options: ApprovalRoutesOptions): {
  readonly router: Router
  close(): void
} {
  const { externalUrl, guard, scopeOf, signIns, pages, trail, now } = options
  const desk = createScopedDesk(options.desk, scopeOf)
  const heldView = createHeldView()
  const live = createLiveStreams(signIns, scopeOf)
  const unsubscribe = options.desk.subscribe((target) => live.changed(target))

  async function list(_request: Request, response: Response, viewer: SignIn): Promise<void> {
    const rows = await desk.list(viewer)
    response.json({
      now: now(),
      freshUntil: freshUntil(viewer),
      total: rows.length,
      rows: rows.slice(0, MOST_ROWS).map((row) => heldView(row)),
    })
  }

  async function one(request: Request, response: Response, viewer: SignIn): Promise<void> {
    const id = parseId(request.params['ticket'])
    const row = id === undefined ? undefined : await desk.get(id, viewer)
    if (row === undefined) sendProblem(response, 404, 'No such request')
    else response.json({ now: now(), freshUntil: freshUntil(viewer), row: heldView(row) })
  }

  async function decide(request: Request, response: Response, viewer: SignIn): Promise<void> {
    const id = parseId(request.params['ticket'])
    const body = parseVerdict(request.body)
    if (body.kind === 'malformed') {
      return sendProblem(response, 400, 'Malformed decision', body.problem)
    }
    const answer = id === undefined ? undefined : await desk.decide(id, viewer, body.verdict)
    if (answer !== undefined) return sendAnswer(response, answer)
    await trail.write('review.access-denied', request, viewer, { ticket: id, reason: 'unknown' })
    sendProblem(response, 404, 'No such request')
  }

  async function grants(_request: Request, response: Response, viewer: SignIn): Promise<void> {
    const rows = await desk.grants(viewer)
    response.json({ now: now(), rows: rows.slice(0, MOST_ROWS).map(grantView) })
  }

  async function revoke(request: Request, response: Response, viewer: SignIn): Promise<void> {
    const id = parseId(request.params['id'])
    const reason = parseReason(request.body)
    if (reason === undefined) sendProblem(response, 400, 'Malformed reason')
    else if (id === undefined || !(await desk.revokeGrant(id, viewer, reason))) {
      sendProblem(response, 404, 'No such grant', 'It has ended already.')
    } else response.json({ kind: 'revoked' })
  }

  const changes = guardFreshChanges({ externalUrl, guard, trail, now, returnTo: '/approvals' })
  const change = (answer: Answer): ReturnType<Guard['api']> => changes('approvals.decide', answer)
  const json = express.json({ limit: 16 * 1024, type: 'application/json' })
  const page: Answer = (_request, response, viewer) => pages.approvals(response, viewer)
  const router = Router()
  router.get('/approvals', guard.page('approvals.view', page))
  router.get('/approvals/:ticket', guard.page('approvals.view', page))
  router.get('/api/approvals', guard.api('approvals.view', list))
  router.get(
    '/api/approvals/events',
    guard.api('approvals.view', (...given) => live.open(...given)),
  )
  router.get('/api/approvals/:ticket', guard.api('approvals.view', one))
  router.post('/api/approvals/:ticket/decision', json, change(decide))
  router.get('/api/grants', guard.api('approvals.view', grants))
  router.post('/api/grants/:id/revoke', json, change(revoke))
  return {
    router,
    close() {
      unsubscribe()
      live.close()
    },
  }
}

const STATUS: ReadonlyMap<string, number> = new Map([
  ['unknown', 404],
  ['own-request', 403],
  ['not-entitled', 403],
  ['ended', 409],
  ['repeated', 409],
  ['other-digest', 409],
])

function sendAnswer(response: Response, answer: DeskAnswer): void {
  if (answer.kind === 'rejected') {
    const { code, message } = answer
    sendProblem(response, STATUS.get(code) ?? 400, 'Not decided', visibleText(message), { code })
  } else response.json(answer)
}
