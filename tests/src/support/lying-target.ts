import { sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { formatPublicKeyLine, publicKeyFrom } from '@sallyport/keys/publickey'
import { newKey } from './certificates.ts'
import { rawPeer, type RawPeer } from './raw-peer.ts'
import { strings } from './ssh-messages.ts'
import { engineReady, type EngineHostKey } from './ssh-engine.ts'

/** A target that lets anybody in and then says what the test says, message by message. */
export interface LyingTarget {
  readonly port: number
  readonly hostKeyLine: string
  /** The next connection that has logged in. */
  connection(): Promise<RawPeer>
  stop(): Promise<void>
}

/** Starts one on loopback; whoever starts it stops it. */
export async function startLyingTarget(): Promise<LyingTarget> {
  await engineReady
  const key = newKey()
  const { blob } = publicKeyFrom(key)
  const hostKey: EngineHostKey = {
    type: 'ssh-ed25519',
    getPublicSSH: () => blob,
    sign: (bytes) => sign(null, bytes, key),
  }
  const sockets = new Set<Socket>()
  const ready: RawPeer[] = []
  let wake = (): void => {}
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    letIn(socket, hostKey).then(
      (peer) => {
        ready.push(peer)
        wake()
      },
      () => socket.destroy(),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('not a TCP server')
  return {
    port: address.port,
    hostKeyLine: formatPublicKeyLine(blob),
    async connection() {
      for (;;) {
        const peer = ready.shift()
        if (peer !== undefined) return peer
        await new Promise<void>((resolve) => (wake = resolve))
      }
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

async function letIn(socket: Socket, hostKey: EngineHostKey): Promise<RawPeer> {
  const peer = await rawPeer(socket, hostKey)
  await peer.next()
  peer.send(Buffer.concat([Buffer.of(6), strings('ssh-userauth')]))
  await peer.next()
  peer.send(Buffer.of(52))
  return peer
}
