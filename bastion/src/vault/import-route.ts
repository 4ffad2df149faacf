import type { IncomingMessage } from 'node:http'
import express, { type Request, type Router } from 'express'
import { keyIdSchema } from './key-kind.ts'
import type { VaultSteering } from './steer.ts'

/** Bytes of a private key file. */
const LONGEST = 64 << 10

/**
 * Returns the route by which a private key comes in: the body is its file as it is, not JSON, since a string of a
 * private key could not be wiped. `claimant` says who is at the socket.
 */
export function createImportRoute(
  steering: Pick<VaultSteering, 'import'>,
  claimant: (request: Request) => string,
): Router {
  const router = express.Router()
  router.post('/api/vault/keys/:id/import', async (request, response) => {
    const id = keyIdSchema.safeParse(request.params.id)
    const text = await readWhole(request)
    if (text === undefined || !id.success) {
      text?.fill(0)
      const error = id.success
        ? `a private key file of at most ${LONGEST} bytes is expected`
        : 'an id has 1 to 64 letters, digits, ".", "_" or "-"'
      return void response.status(400).json({ error })
    }
    const outcome = await steering.import(id.data, text, claimant(request))
    if (outcome.kind === 'made') response.status(201).json(outcome)
    else response.status(409).json({ error: outcome.message })
  })
  return router
}

/** Returns the body, whose pieces are wiped; undefined when it is too long, or was sent as something else. */
async function readWhole(request: IncomingMessage): Promise<Buffer | undefined> {
  if (request.headers['content-type'] !== 'application/octet-stream') return undefined
  const pieces: Buffer[] = []
  let length = 0
  try {
    for await (const piece of request) {
      if (!Buffer.isBuffer(piece)) return undefined
      pieces.push(piece)
      length += piece.length
      if (length > LONGEST) return undefined
    }
    return Buffer.concat(pieces)
  } finally {
    for (const piece of pieces) piece.fill(0)
  }
}
