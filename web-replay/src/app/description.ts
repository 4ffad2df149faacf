import { readFile } from 'node:fs/promises'
import { Router } from 'express'
import { ReviewError } from '../errors.ts'
import type { Guard } from '../login/guard.ts'

/** Returns the route of the API's own description, for whoever is signed in. Throws ERR_REVIEW_ASSET_MISSING. */
export async function descriptionRoute(guard: Guard): Promise<Router> {
  const bytes = await readDescription()
  const router = Router()
  router.get(
    '/api/openapi.yaml',
    // The type of RFC 9512, which has no charset; text would get one.
    guard.api(
      undefined,
      (_request, response) => void response.type('application/yaml').send(bytes),
    ),
  )
  return router
}

async function readDescription(): Promise<Uint8Array> {
  try {
    return await readFile(new URL('../../openapi.yaml', import.meta.url))
  } catch (cause) {
    throw new ReviewError('ERR_REVIEW_ASSET_MISSING', 'openapi.yaml is missing', { cause })
  }
}
