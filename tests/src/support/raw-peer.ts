import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { createReader } from '@sallyport/keys/wire'
import {
  EngineClass,
  engineReady,
  OFFER,
  sendPayload,
  type Engine,
  type EngineHostKey,
} from './ssh-engine.ts'

/** One end of an SSH connection that says and hears single messages; key exchange and ciphers are done for it. */
export interface RawPeer {
  readonly sessionId: Buffer
  /** Every message from the service requests on that `next` has not taken. */
  readonly heard: readonly Buffer[]
  send(...payloads: readonly Uint8Array[]): void
  /** Begins to exchange keys anew. */
  rekey(): void
  /** Takes the next message; throws when the connection ends, or nothing comes for five seconds. */
  next(): Promise<Buffer>
  /** Waits for the end of the connection; resolves with the words of the DISCONNECT, '' without one. */
  ended(): Promise<string>
  close(): void
}

/** Connects as a client, and waits for the first key exchange. */
export async function connectRaw(port: number, localAddress?: string): Promise<RawPeer> {
  await engineReady
  const socket = connect({
    port,
    host: '127.0.0.1',
    noDelay: true,
    ...(localAddress === undefined ? {} : { localAddress }),
  })
  await once(socket, 'connect')
  return rawPeer(socket)
}

/** Speaks SSH on a socket, as its server when there is a host key, and waits for the first key exchange. */
export function rawPeer(socket: Socket, hostKey?: EngineHostKey): Promise<RawPeer> {
  const heard: Buffer[] = []
  let wake = (): void => {}
  let description = ''
  let over = false
  return new Promise((resolve, reject) => {
    const engine: Engine = new EngineClass({
      server: hostKey !== undefined,
      ident: Buffer.from('OpenSSH_9.9 test'),
      offer: OFFER,
      ...(hostKey === undefined
        ? { hostVerifier: () => true }
        : { hostKeys: { [hostKey.type]: hostKey } }),
      messageHandlers: {},
      onWrite: (packet) => socket.write(packet),
      onError: () => socket.destroy(),
      onHeader: () => {},
      onHandshakeComplete: () => resolve(peer),
    })
    const transportMessage = engine._onPayload
    engine._onPayload = (payload) => {
      const type = payload[0] ?? 0
      if (type === 1) description = disconnectWords(payload)
      else if (type >= 50 || type === 5 || type === 6) heard.push(Buffer.from(payload))
      else return transportMessage(payload)
      return wake()
    }
    const peer: RawPeer = {
      heard,
      get sessionId() {
        return engine._kex.sessionID
      },
      send: (...payloads) => {
        socket.cork()
        for (const payload of payloads) if (!over) sendPayload(engine, payload)
        socket.uncork()
      },
      rekey: () => engine.rekey(),
      next: () => waitFor(() => heard.shift(), 'a message'),
      ended: () => waitFor(() => (over ? description : undefined), 'the end'),
      close: () => socket.destroy(),
    }
    const waitFor = async <T>(take: () => T | undefined, what: string): Promise<T> => {
      const deadline = Date.now() + 5000
      for (;;) {
        const taken = take()
        if (taken !== undefined) return taken
        if (over) throw new Error(`ended instead of ${what}: ${description}`)
        if (Date.now() > deadline) throw new Error(`waited five seconds for ${what}`)
        await wakened(deadline)
      }
    }
    const wakened = (deadline: number): Promise<void> => {
      const { promise, resolve: woken } = Promise.withResolvers<void>()
      const timer = setTimeout(woken, deadline - Date.now() + 1)
      wake = () => {
        clearTimeout(timer)
        woken()
      }
      return promise
    }
    socket.on('error', () => {})
    socket.on('data', (bytes: Buffer) => {
      try {
        engine.parse(bytes, 0, bytes.length)
      } catch {
        socket.destroy()
      }
    })
    // What comes after the peer's end of the stream is nobody's any more.
    socket.on('end', () => socket.end())
    socket.on('close', () => {
      over = true
      engine.cleanup()
      wake()
      reject(new Error(`ended before keys were exchanged: ${description}`))
    })
    engine.start?.()
  })
}

/** SSH_MSG_DISCONNECT: byte 1, uint32 reason, string description, string language. */
function disconnectWords(payload: Buffer): string {
  const reader = createReader(payload)
  reader.u8()
  reader.u32()
  return reader.text()
}
