import type { Request } from 'express'
import { clientAddress } from '../limit/index.ts'
import type { SignIn } from '../login/sign-ins.ts'
import type { AuditTrail } from '../review/audit-trail.ts'
import type { AccessEvent } from '../roles.ts'

/** One line in the audit log stands for this long of looking at the same thing, in milliseconds. */
const SPAN = 10 * 60_000
const MOST_KEPT = 5000

/**
 * Writes down that somebody looks at a part of a recording. A replay asks for it piece by piece: the first piece is
 * written down before it is shown, those that follow within ten minutes count with it.
 */
export type NoteOnce = (
  event: AccessEvent,
  request: Request,
  viewer: SignIn,
  detail: Readonly<Record<string, unknown>>,
) => Promise<void>

export function createNoteOnce(trail: AuditTrail, now: () => number): NoteOnce {
  const noted = new Map<string, number>()
  return async (event, request, viewer, detail) => {
    const { issuer, subject, signedInAt } = viewer
    const address = clientAddress(request)
    const key = JSON.stringify([event, issuer, subject, signedInAt, address, detail])
    const last = noted.get(key)
    if (last !== undefined && now() - last < SPAN) return
    await trail.write(event, request, viewer, detail)
    noted.delete(key)
    noted.set(key, now())
    const oldest = noted.size > MOST_KEPT ? noted.keys().next().value : undefined
    if (oldest !== undefined) noted.delete(oldest)
  }
}
