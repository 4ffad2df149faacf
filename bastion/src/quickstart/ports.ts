import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { BastionError } from '../errors.ts'

/** The only address that anything of the quickstart listens on. */
export const LOOPBACK = '127.0.0.1'

export interface PortWish {
  /** 0 for any. */
  readonly port: number
  /** The option that asks for exactly this port; without it another will do when this one is taken. */
  readonly option?: string
}

/**
 * Returns a free loopback port for each wish, all different. They are tried out and let go again, so somebody else could
 * still take one. Throws ERR_BASTION_QUICKSTART when a port that an option asks for is taken.
 */
export async function findPorts(wishes: readonly PortWish[]): Promise<readonly number[]> {
  const held: Server[] = []
  try {
    const ports: number[] = []
    for (const wish of wishes) {
      const server = (await tryPort(wish.port)) ?? (await another(wish))
      held.push(server)
      ports.push(portOf(server))
    }
    return ports
  } finally {
    await Promise.all(held.map(letGo))
  }
}

async function another({ port, option }: PortWish): Promise<Server> {
  const server = option === undefined ? await tryPort(0) : undefined
  if (server !== undefined) return server
  throw new BastionError(
    'ERR_BASTION_QUICKSTART',
    `port ${port} is taken; choose another with ${option ?? '--data'}, 0 for any free one`,
  )
}

async function tryPort(port: number): Promise<Server | undefined> {
  const server = createServer()
  try {
    server.listen(port, LOOPBACK)
    await once(server, 'listening')
    return server
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EADDRINUSE' || code === 'EACCES') return undefined
    throw error
  }
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('not a TCP server')
  return address.port
}

async function letGo(server: Server): Promise<void> {
  server.close()
  await once(server, 'close')
}
