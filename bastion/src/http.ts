import express, { type RequestHandler } from 'express'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface DoorOptions {
  readonly host: string
  readonly port: number
  /** Addresses and blocks of what stands in front, whose X-Forwarded-For is believed. */
  readonly forwardedBy?: readonly string[] | undefined
  /** In order; the last one may answer every path. */
  readonly routers: readonly RequestHandler[]
}

export interface Door {
  readonly address: AddressInfo
  close(): Promise<void>
}

/** Opens the one HTTP server: the exchange for agents, the review app for people, a health check for machines. */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', [...(options.forwardedBy ?? [])])
  // Else express answers errors with their stack.
  app.set('env', 'production')
  app.get('/healthz', (_request, response) => void response.type('text/plain').send('ok\n'))
  for (const router of options.routers) app.use(router)
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, app)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('not a TCP server')
  return {
    address,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
