import { acquireWriterLock } from '@sallyport/keys/durable'
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import { chmod, mkdtemp, rename, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { SOCKET_NAME, socketPath } from './socket-path.ts'

export interface ControlOptions {
  /** The data folder. */
  readonly data: string
  /** In order; each may answer paths below `/api`. */
  readonly routers: readonly RequestHandler[]
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly onError: (error: unknown) => void
}

export interface Control {
  close(): Promise<void>
}

/** Bytes of a request's body. */
const MAX_BODY = 16 << 10

/**
 * Opens the door for the command line: HTTP over a unix socket that only the bastion's own account can open. Throws
 * `ERR_KEYS_FILE_LOCKED` when another bastion has it; a socket that one left behind is replaced.
 */
export async function openControl(options: ControlOptions): Promise<Control> {
  const { data, now } = options
  const path = join(data, SOCKET_NAME)
  const lock = acquireWriterLock(path, { now })
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, app(options))
  try {
    await bind(server, data, path)
  } catch (error) {
    lock.release()
    throw error
  }
  return {
    async close() {
      await rm(path, { force: true })
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
      lock.release()
    },
  }
}

/**
 * Nobody else can ever open it: it is bound in a folder that is closed to others, and gets its name when its mode is
 * set. The rename puts it in the place of an old one, which needs no moment without any.
 */
async function bind(server: Server, data: string, path: string): Promise<void> {
  const folder = await mkdtemp(join(data, '.control-'))
  const short = socketPath(folder, 's')
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(short.path, resolve)
    })
    await chmod(join(folder, 's'), 0o600)
    await rename(join(folder, 's'), path)
  } finally {
    short.release()
    await rm(folder, { recursive: true, force: true })
  }
}

function app({ routers, onError }: ControlOptions): Express {
  const served = express()
  served.disable('x-powered-by')
  served.disable('etag')
  served.use(express.json({ limit: MAX_BODY }))
  for (const router of routers) served.use(router)
  served.use((_request, response) => void response.status(404).json({ error: 'no such path' }))
  served.use(failed(onError))
  return served
}

/** A body that cannot be read is the caller's fault; anything else is ours, and is written down. */
function failed(onError: (error: unknown) => void): ErrorRequestHandler {
  return (cause: unknown, _request, response, _next) => {
    const message = cause instanceof Error ? cause.message : String(cause)
    const status = typeof cause === 'object' && cause !== null && 'status' in cause && cause.status
    const theirs = typeof status === 'number' && status >= 400 && status < 500
    if (!theirs) onError(cause)
    response.status(theirs ? status : 500).json({ error: message })
  }
}
