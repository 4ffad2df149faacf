import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'

/** Pieces of a byte, of what surrounds a packet (lengths, tags), and of whole packets of a bulk transfer and around. */
const SIZES = [
  1, 32_804, 2, 3, 32_768, 4, 5, 70_000, 15, 16, 17, 32_788, 20, 36, 35_000, 37, 999, 32_772,
]

/** Bytes at the beginning that come one by one: the identification line. */
const ALONE = 64

export interface Chopper {
  readonly port: number
  close(): Promise<void>
}

/** Passes every byte on to `port`, both ways, cut in pieces that arrive one by one. */
export async function startChopper(port: number): Promise<Chopper> {
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => {})
      socket.on('close', () => {
        near.destroy()
        far.destroy()
      })
    }
    void chop(near, far)
    void chop(far, near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

async function chop(from: Socket, to: Socket): Promise<void> {
  let next = 0
  let passed = 0
  try {
    for await (const bytes of from as AsyncIterable<Buffer>) {
      for (let at = 0; at < bytes.length;) {
        const size = passed < ALONE ? 1 : (SIZES[next++ % SIZES.length] ?? 1)
        if (!to.write(bytes.subarray(at, at + size))) await once(to, 'drain')
        at += size
        passed += size
        await turn()
      }
    }
  } catch {
    // One side was cut off: so is the other.
  }
  to.end()
}
