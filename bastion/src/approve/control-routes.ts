import type { ApprovalDesk, DeskAnswer, DeskPerson, DeskVerdict } from '@sallyport/web-replay/app'
import { z } from 'zod'
import type { Answer, Call } from '../control/call.ts'

const ticketPath = /^\/api\/approvals\/([A-Za-z0-9_-]{16,64})$/
const decisionPath = /^\/api\/approvals\/([A-Za-z0-9_-]{16,64})\/decision$/
const revokePath = /^\/api\/grants\/([A-Za-z0-9_-]{16,64})\/revoke$/

const verdictBody = z.strictObject({
  verdict: z.enum(['approve', 'refuse']),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  reason: z.string().max(1024).default(''),
  grantSeconds: z.number().int().min(0).default(0),
})
const revokeBody = z.strictObject({ reason: z.string().max(1024).default('') })

/**
 * Returns the answer to a call about approvals, or undefined for a path that is none of theirs. Who calls is for the
 * socket to say; the desk decides whether they may.
 */
export async function answerControlCall(
  desk: ApprovalDesk,
  person: DeskPerson,
  { method, path, body }: Call,
): Promise<Answer | undefined> {
  const isGet = method === 'GET'
  if (isGet && path === '/api/approvals') {
    return { status: 200, body: { rows: await desk.list(person) } }
  }
  if (isGet && path === '/api/grants') return { status: 200, body: { rows: await desk.grants() } }
  const ticket = isGet ? ticketPath.exec(path)?.[1] : undefined
  if (ticket !== undefined) {
    const row = await desk.get(ticket, person)
    return row === undefined
      ? refused(404, 'There is no such request.')
      : { status: 200, body: { row } }
  }
  const decided = method === 'POST' ? decisionPath.exec(path)?.[1] : undefined
  if (decided !== undefined) {
    const verdict = verdictBody.safeParse(body)
    if (!verdict.success) return refused(400, z.prettifyError(verdict.error))
    return answerOf(await desk.decide(decided, person, verdict.data satisfies DeskVerdict))
  }
  const grant = method === 'POST' ? revokePath.exec(path)?.[1] : undefined
  if (grant === undefined) return undefined
  const revoked = revokeBody.safeParse(body ?? {})
  if (!revoked.success) return refused(400, z.prettifyError(revoked.error))
  return (await desk.revokeGrant(grant, person, revoked.data.reason))
    ? { status: 200, body: { kind: 'revoked' } }
    : refused(404, 'There is no such grant.')
}

function answerOf(answer: DeskAnswer): Answer {
  if (answer.kind !== 'rejected') return { status: 200, body: answer }
  return { status: answer.code === 'unknown' ? 404 : 409, body: answer }
}

function refused(status: number, message: string): Answer {
  return { status, body: { kind: 'rejected', message } }
}
