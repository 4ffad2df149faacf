import express, { type Response, type Router } from 'express'
import { z } from 'zod'
import type { Answer, Rotations } from '../rotate/index.ts'
import { claimantOf } from './claimant.ts'
import { readBody } from './read-body.ts'

const selection = z.strictObject({
  keys: z.array(z.string()).min(1).optional(),
  targets: z.array(z.string()).min(1).optional(),
  labels: z.record(z.string(), z.string()).optional(),
})
const startBody = selection.extend({ stopAfter: z.int().min(1).max(1000).default(3) })
const rollbackBody = z.strictObject({ key: z.string() })
const steering = z.enum(['pause', 'resume', 'cancel'])

/** Returns the routes by which keys are rotated. Who may come here is for the caller to know. */
export function createRotationControl(rotations: Rotations): Router {
  const router = express.Router()
  router.get('/api/keys', (_request, response) => {
    response.json({ keys: rotations.keys(), places: rotations.states() })
  })
  router.post('/api/keys/plan', async (request, response) => {
    const body = readBody(selection, request, response)
    if (body !== undefined) answer(response, await rotations.plan(body))
  })
  router.post('/api/keys/verify', async (request, response) => {
    const body = readBody(selection, request, response)
    if (body !== undefined) answer(response, await rotations.verify(body))
  })
  router.post('/api/keys/repair', async (request, response) => {
    const body = readBody(selection, request, response)
    if (body !== undefined) answer(response, await rotations.repair(body, claimantOf(request)))
  })
  router.post('/api/keys/rotate', (request, response) => {
    const body = readBody(startBody, request, response)
    if (body === undefined) return
    const { stopAfter, ...chosen } = body
    answer(response, rotations.start(chosen, { by: claimantOf(request), stopAfter }))
  })
  router.post('/api/keys/rollback', async (request, response) => {
    const body = readBody(rollbackBody, request, response)
    if (body !== undefined)
      answer(response, await rotations.rollback(body.key, claimantOf(request)))
  })
  router.get('/api/keys/runs', (_request, response) => {
    response.json({ runs: rotations.runs() })
  })
  router.get('/api/keys/runs/:id', (request, response) => {
    const { id } = request.params
    found(response, id, rotations.run(id))
  })
  router.post('/api/keys/runs/:id/:how', (request, response) => {
    const how = steering.safeParse(request.params.how)
    const { id } = request.params
    const steered = how.success ? rotations.steer(id, how.data, claimantOf(request)) : undefined
    found(response, id, steered)
  })
  return router
}

function answer<T extends object>(response: Response, outcome: Answer<T>): void {
  if (outcome.kind === 'ok') return void response.json(outcome)
  response.status(400).json({ error: outcome.message })
}

function found(response: Response, id: string, run: object | undefined): void {
  if (run !== undefined) return void response.json({ run })
  response.status(404).json({ error: `there is no run ${id}, or nothing like that to do with it` })
}
