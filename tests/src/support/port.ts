import { randomInt } from 'node:crypto'
import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Returns a loopback port that was free a moment ago. It lies below the range from which the system takes ports for
 * outgoing connections, so that none of those can take it in the meantime.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = randomInt(10_000, 32_000)
    if (await canListen(port)) return port
  }
  throw new Error('no free port')
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** Waits until something listens; throws after a minute. */
export async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 1200; attempt += 1) {
    if (await answers(port)) return
    await sleep(50)
  }
  throw new Error(`nothing listens on port ${port}`)
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
