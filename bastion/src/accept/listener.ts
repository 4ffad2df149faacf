import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Audit } from '../audit/audit.ts'
import { acceptLink, type Link } from '../ssh/link.ts'
import { createAdmissions, type AdmissionLimits } from './admission.ts'

/** A TCP connection that was let in the door. The next stage says when it is authenticated, or the grace runs out. */
export interface AcceptedConnection {
  readonly connectionId: string
  readonly link: Link
  readonly clientAddress: string
  /** Frees the place in the door and stops the grace clock. */
  authenticated(): void
}

export interface ListenerOptions {
  readonly host: string
  readonly port: number
  readonly limits: AdmissionLimits
  /** Milliseconds from accept to authentication. */
  readonly loginGrace: number
  readonly connectionId: () => string
  readonly audit: Audit
  readonly serve: (connection: AcceptedConnection) => void
}

export interface Listener {
  readonly address: AddressInfo
  /** Stops accepting and cuts the connections that are still open. */
  close(): Promise<void>
}

/** Listens for SSH. A handshake never holds up the accept loop: each connection goes its own way at once. */
export async function listen(options: ListenerOptions): Promise<Listener> {
  const admissions = createAdmissions(options.limits)
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (accepted) => {
    const { link, socket } = acceptLink(accepted)
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    accept(socket, link, options, admissions)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, resolve)
  })
  return { address: addressOf(server), close: () => close(server, sockets) }
}

function accept(
  socket: Socket,
  link: Link,
  options: ListenerOptions,
  admissions: ReturnType<typeof createAdmissions>,
): void {
  const clientAddress = plainAddress(socket.remoteAddress ?? '')
  const connectionId = options.connectionId()
  socket.on('error', () => {})
  const verdict = admissions.admit({
    address: clientAddress,
    evict: () => {
      options.audit.write('accept.evicted', { connectionId, clientAddress })
      socket.destroy()
    },
  })
  if (verdict.kind === 'refused') {
    options.audit.write('accept.refused', { connectionId, clientAddress, reason: verdict.reason })
    socket.destroy()
    return
  }
  const grace = setTimeout(() => {
    options.audit.write('accept.grace-expired', { connectionId, clientAddress })
    socket.destroy()
  }, options.loginGrace)
  const authenticated = (): void => {
    clearTimeout(grace)
    verdict.release()
  }
  socket.once('close', authenticated)
  options.serve({ connectionId, link, clientAddress, authenticated })
}

/** An IPv4 client of a dual-stack socket shows up as `::ffff:a.b.c.d`; rules are written for the plain form. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address
}

function addressOf(server: Server): AddressInfo {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('not a TCP server')
  return address
}

async function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = [...sockets].map(
    (socket) => new Promise((resolve) => socket.once('close', resolve)),
  )
  closed.push(new Promise((resolve) => server.close(resolve)))
  for (const socket of sockets) socket.destroy()
  await Promise.all(closed)
  // What hears of a closed socket hears it after the server has.
  await new Promise((resolve) => setImmediate(resolve))
}
