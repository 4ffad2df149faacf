/** The part of ssh2 that tests speak SSH with message by message; its own client would send only what is proper. */
import { createRequire } from 'node:module'

export interface Engine {
  _onPayload: (payload: Buffer) => unknown
  readonly start?: () => void
  readonly _kex: { readonly sessionID: Buffer }
  readonly _packetRW: {
    readonly write: {
      readonly allocStart: number
      alloc(length: number): Buffer
      finalize(packet: Buffer): Buffer
    }
  }
  parse(chunk: Buffer, start: number, length: number): void
  rekey(): void
  cleanup(): void
}

export interface EngineHostKey {
  readonly type: string
  getPublicSSH(): Buffer
  sign(data: Buffer): Buffer
}

export interface EngineOptions {
  readonly server: boolean
  readonly ident: Buffer
  readonly offer: object
  readonly hostKeys?: Readonly<Record<string, EngineHostKey>>
  readonly hostVerifier?: () => boolean
  readonly messageHandlers: object
  onWrite(packet: Buffer): void
  onError(error: Error): void
  onHeader(): void
  onHandshakeComplete(): void
}

const load = createRequire(import.meta.url)

export const EngineClass = load('ssh2/lib/protocol/Protocol.js') as new (
  options: EngineOptions,
) => Engine

const { sendPacket } = load('ssh2/lib/protocol/utils.js') as {
  sendPacket: (engine: Engine, packet: Buffer) => boolean
}

const { init } = load('ssh2/lib/protocol/crypto.js') as { init: Promise<void> }
/** Resolves when an engine may be made. */
export const engineReady: Promise<void> = init

const direction = {
  cipher: ['aes128-gcm@openssh.com'],
  mac: ['hmac-sha2-256'],
  compress: ['none'],
  lang: [],
}

export const OFFER: object = {
  kex: ['curve25519-sha256'],
  serverHostKey: ['ssh-ed25519'],
  cs: direction,
  sc: direction,
}

/** Encrypts `payload` as one packet and writes it, whatever it says. */
export function sendPayload(engine: Engine, payload: Uint8Array): void {
  const { write } = engine._packetRW
  const start = write.allocStart
  const packet = write.alloc(payload.length)
  packet.set(payload, start)
  sendPacket(engine, write.finalize(packet))
}
