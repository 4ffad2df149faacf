import { Router } from 'express'
import type { Request, Response } from 'express'
import { sendProblem } from '../app/problem.ts'
import type { Guard } from '../login/guard.ts'
import { permissionsOf } from '../login/groups.ts'
import type { SignIn } from '../login/sign-ins.ts'
import type { CastStore, Scope, SessionCatalog } from '../roles.ts'
import type { AuditTrail } from './audit-trail.ts'
import { parseChannel, parseRecordingId } from './parameters.ts'
import { recordingDetailView } from './recording-view.ts'
import { sendText, sendStream } from './send.ts'
import { visibleText } from './visible-text.ts'

export interface ReviewRoutesOptions {
  readonly guard: Guard
  readonly catalog: SessionCatalog
  readonly casts: CastStore
  readonly scopeOf: (viewer: SignIn) => Scope
  readonly trail: AuditTrail
}

const CAST = 'application/x-asciicast'

/** Returns the API over recordings; each route names the permission it needs. */
export function reviewRoutes(options: ReviewRoutesOptions): Router {
  const { guard, catalog, casts, scopeOf, trail } = options

  function me(_request: Request, response: Response, viewer: SignIn): void {
    const { issuer, subject, name, roles, csrfToken, expiresAt } = viewer
    const permissions = permissionsOf(roles)
    const scope = scopeOf(viewer)
    response.json({ issuer, subject, name, roles, permissions, scope, csrfToken, expiresAt })
  }

  async function detail(request: Request, response: Response, viewer: SignIn): Promise<void> {
    const id = parseRecordingId(request.params['id'])
    const recording = id === undefined ? undefined : await catalog.getRecording(id, scopeOf(viewer))
    if (recording === undefined) {
      noSuchSession(response)
      return
    }
    const recordingId = recording.recording.id
    await trail.write('review.viewed', request, viewer, { recordingId, part: 'facts' })
    response.json(recordingDetailView(recording))
  }

  /** The store is only ever asked for a channel that the catalog knows, and shows this viewer. */
  async function knownChannel(request: Request, viewer: SignIn): Promise<CastName | undefined> {
    const recordingId = parseRecordingId(request.params['id'])
    const channel = parseChannel(request.params['channel'])
    if (recordingId === undefined || channel === undefined) return undefined
    const recording = await catalog.getRecording(recordingId, scopeOf(viewer))
    const isKnown = recording?.channels.some((row) => row.channel === channel) ?? false
    return isKnown ? { recordingId, channel } : undefined
  }

  // The audit line comes before the store opens anything: a refusal leaves nothing to close.
  async function cast(request: Request, response: Response, viewer: SignIn): Promise<void> {
    const name = await knownChannel(request, viewer)
    if (name !== undefined) {
      await trail.write('review.viewed', request, viewer, { ...name, part: 'cast' })
      const lines = await casts.castView(name.recordingId, name.channel)
      if (lines !== undefined) {
        response.type(CAST)
        await sendText(response, lines)
        return
      }
    }
    noSuchSession(response)
  }

  async function raw(request: Request, response: Response, viewer: SignIn): Promise<void> {
    const name = await knownChannel(request, viewer)
    if (name !== undefined) {
      await trail.write('review.raw-downloaded', request, viewer, { ...name })
      const bytes = await casts.rawCast(name.recordingId, name.channel)
      if (bytes !== undefined) {
        response.attachment(`${name.recordingId}-${name.channel}.cast`).type(CAST)
        await sendStream(response, bytes)
        return
      }
    }
    noSuchSession(response)
  }

  async function markers(request: Request, response: Response, viewer: SignIn): Promise<void> {
    const name = await knownChannel(request, viewer)
    if (name === undefined) {
      noSuchSession(response)
      return
    }
    const rows = (await casts.markers?.(name.recordingId, name.channel)) ?? []
    response.json({
      markers: rows.map(({ time, label, kind }) => ({
        time,
        label: visibleText(label),
        kind: visibleText(kind),
      })),
    })
  }

  const router = Router()
  router.get('/api/me', guard.api(undefined, me))
  router.get('/api/sessions/:id', guard.api('recordings.view', detail))
  router.get('/api/sessions/:id/channels/:channel/cast', guard.api('recordings.view', cast))
  router.get('/api/sessions/:id/channels/:channel/markers', guard.api('recordings.view', markers))
  router.get('/api/sessions/:id/channels/:channel/raw', guard.api('recordings.raw', raw))
  return router
}

interface CastName {
  readonly recordingId: string
  readonly channel: number
}

function noSuchSession(response: Response): void {
  sendProblem(response, 404, 'No such session', 'No recording has this id and channel.')
}
