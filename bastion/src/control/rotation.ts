import express, { type Response, type Router } from 'express'
import { z } from 'zod'
import { reasonSchema } from '../revoke/index.ts'
import type { Answer, Rotations } from '../rotate/index.ts'
import { claimantOf } from './claimant.ts'
import { readBody } from './read-body.ts'
import { untilChanged } from './until-changed.ts'

const selection = z.strictObject({
  keys: z.array(z.string()).min(1).optional(),
  targets: z.array(z.string()).min(1).optional(),
  labels: z.record(z.string(), z.string()).optional(),
})
const startBody = selection.extend({
  stopAfter: z.int().min(1).max(1000).default(3),
  type: z.enum(['ed25519', 'ecdsa', 'rsa']).optional(),
  despiteFreeze: reasonSchema.optional(),
})
const rollbackBody = z.strictObject({ key: z.string(), despiteFreeze: reasonSchema.optional() })
const steering = z.enum(['pause', 'resume', 'cancel'])

/** Returns the routes by which keys are rotated. Who may come here is for the caller to know. */
export function createRotationControl(rotations: Rotations): Router {
  const router = express.Router()
  router.get('/api/keys', (_request, response) => {
    response.json({ keys: rotations.keys(), places: rotations.states() })
  })
  router.post('/api/keys/plan', async (request, response) => {
    const body = readBody(selection, request, response)
    if (body === undefined) return
    const plan = await rotations.plan(body)
    if (plan.kind === 'refused') return answer(response, plan)
    const { frozen } = plan
    answer(response, { ...plan, frozen: frozen && { ...frozen, until: isoOf(frozen.until) } })
  })
  router.post('/api/keys/verify', async (request, response) => {
    const body = readBody(selection, request, response)
    if (body !== undefined) answer(response, await rotations.verify(body))
  })
  router.post('/api/keys/repair', async (request, response) => {
    const body = readBody(selection, request, response)
    if (body !== undefined) answer(response, await rotations.repair(body, claimantOf(request)))
  })
  router.post('/api/keys/rotate', async (request, response) => {
    const body = readBody(startBody, request, response)
    if (body === undefined) return
    const { stopAfter, type, despiteFreeze, ...chosen } = body
    const by = claimantOf(request)
    answer(response, await rotations.start(chosen, { by, stopAfter, type, despiteFreeze }))
  })
  router.post('/api/keys/rollback', async (request, response) => {
    const body = readBody(rollbackBody, request, response)
    if (body === undefined) return
    const { key, despiteFreeze } = body
    answer(response, await rotations.rollback(key, { by: claimantOf(request), despiteFreeze }))
  })
  router.get('/api/keys/schedules', (_request, response) => {
    const freezes = rotations.freezes().map(({ name, from, until }) => ({
      name,
      from: isoOf(from),
      until: isoOf(until),
    }))
    response.json({ schedules: rotations.schedules(), freezes })
  })
  router.get('/api/keys/runs', (_request, response) => {
    response.json({ runs: rotations.runs() })
  })
  router.get('/api/keys/runs/:id', async (request, response) => {
    const { id } = request.params
    // Who has seen how it is now is answered when it has changed.
    const isOver = (): boolean => rotations.run(id)?.state !== 'running'
    await untilChanged(rotations.changes, request, response, isOver)
    found(response, id, rotations.run(id), { revision: rotations.changes.revision })
  })
  router.post('/api/keys/runs/:id/:how', (request, response) => {
    const how = steering.safeParse(request.params.how)
    const { id } = request.params
    const steered = how.success ? rotations.steer(id, how.data, claimantOf(request)) : undefined
    found(response, id, steered)
  })
  return router
}

function isoOf(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString()
}

function answer<T extends object>(response: Response, outcome: Answer<T>): void {
  if (outcome.kind === 'ok') return void response.json(outcome)
  response.status(400).json({ error: outcome.message })
}

function found(response: Response, id: string, run: object | undefined, more = {}): void {
  if (run !== undefined) return void response.json({ run, ...more })
  response.status(404).json({ error: `there is no run ${id}, or nothing like that to do with it` })
}
