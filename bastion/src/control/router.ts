import express, { type Router } from 'express'
import { z } from 'zod'
import { reasonSchema, revokedThingSchema, type RevokedThing } from '../revoke/index.ts'
import { claimantOf } from './claimant.ts'
import { readBody, refuseBody } from './read-body.ts'
import type { Steering } from './steering.ts'

const terminateBody = z.strictObject({ reason: reasonSchema })

const revokeBody = z.strictObject({
  serial: z.string().optional(),
  key: z.string().optional(),
  identity: z.string().optional(),
  subject: z.string().optional(),
  issuer: z.string().optional(),
  reason: reasonSchema,
  expiresAt: z.iso.datetime().optional(),
})

/** Returns the routes by which a running bastion is steered. Who may come here is for the caller to know. */
export function createControlRouter(steering: Steering): Router {
  const router = express.Router()
  router.get('/api/live', (_request, response) => {
    response.json({ live: steering.live() })
  })
  router.post('/api/live/:id/terminate', (request, response) => {
    const body = readBody(terminateBody, request, response)
    if (body === undefined) return
    const { id } = request.params
    const ended = steering.terminate(id, body.reason, claimantOf(request))
    if (ended.length > 0) return void response.json({ ended })
    response.status(404).json({ error: `no live connection or recording has the id ${id}` })
  })
  router.get('/api/revocations', (_request, response) => {
    response.json({ revocations: steering.revocations() })
  })
  router.post('/api/revocations', async (request, response) => {
    const body = readBody(revokeBody, request, response)
    if (body === undefined) return
    const what = revokedThingSchema.safeParse(thingOf(body))
    if (!what.success) return refuseBody(response, what.error)
    const { reason, expiresAt } = body
    const outcome = await steering.revoke(what.data, {
      reason,
      by: claimantOf(request),
      expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt),
    })
    if (outcome.kind === 'refused') {
      return void response.status(400).json({ error: outcome.message })
    }
    const { revocation, ended } = outcome
    response.status(201).json({ revocation, ended })
  })
  router.post('/api/revocations/:id/lift', async (request, response) => {
    const { id } = request.params
    const lifted = await steering.lift(id, claimantOf(request))
    if (lifted !== undefined) return void response.json({ lifted })
    response.status(404).json({ error: `no revocation has the id ${id}` })
  })
  router.post('/api/policy/reload', async (request, response) => {
    const outcome = await steering.reloadPolicy(claimantOf(request))
    response.status(outcome.kind === 'refused' ? 422 : 200).json(outcome)
  })
  return router
}

/** Exactly one thing is revoked at a time; a second one in the body would be forgotten in silence. */
function thingOf(body: z.infer<typeof revokeBody>): RevokedThing | undefined {
  const { serial, key, identity, subject, issuer } = body
  const named: RevokedThing[] = []
  if (serial !== undefined) named.push({ kind: 'serial', serial })
  if (key !== undefined) named.push({ kind: 'key', key })
  if (identity !== undefined) named.push({ kind: 'identity', identity })
  if (subject !== undefined && issuer !== undefined) {
    named.push({ kind: 'subject', subject, issuer })
  } else if (subject !== undefined || issuer !== undefined) return undefined
  return named.length === 1 ? named[0] : undefined
}
