import { BastionError } from '../errors.ts'
import { extInfo } from './ext-info.ts'
import { expectCertificates } from './host-certificates.ts'
import { Identification } from './identification.ts'
import {
  ProtocolClass,
  sendPacket,
  type AlgorithmOffer,
  type HostKeySigner,
  type Protocol,
} from './internals.ts'
import { kexInitOf } from './kex-init.ts'
import type { Link } from './link.ts'
import { DISCONNECT, disconnectMessage, MSG } from './messages.ts'
import { poolPackets } from './packet-allocation.ts'
import { PacketCollector } from './packet-collector.ts'
import { dataPacket, gatheredPacket, plainPacket } from './packets.ts'

/**
 * Stock clients send `eow@openssh.com` and `no-more-sessions@openssh.com` only to peers that call themselves OpenSSH;
 * without the first, `ssh host cmd | head` hangs.
 */
const IDENT = Buffer.from('OpenSSH_9.9 Sallyport')

/** Milliseconds a peer has to take what was sent before the link is cut. */
const LINGER = 2000

/** Messages that may wait for the next stage to listen; a peer sends at most a few before it hears from us. */
const MAX_PENDING = 64

/** Packets that may wait for the end of a key exchange. */
const MAX_WAITING = 4096

export interface ServerRole {
  readonly kind: 'server'
  hostKeys(protocol: () => Protocol): Readonly<Record<string, HostKeySigner>>
}

export interface ClientRole {
  readonly kind: 'client'
  /** Whether the target's host key or host certificate is one that we trust; that it holds it is proven later. */
  verifyHostKey(hostKey: Buffer): boolean
}

export interface TransportOptions {
  readonly link: Link
  readonly role: ServerRole | ClientRole
  readonly offer: AlgorithmOffer
}

/**
 * Receives every message from number 50 on, and the two service messages, as they arrive. The payload is the listener's
 * for the time of the call; what it keeps it must copy.
 */
export type MessageListener = (payload: Buffer) => void

/**
 * One SSH transport (RFC 4253) in either role. It owns its link: `close` ends both.
 */
export class Transport {
  readonly link: Link
  readonly #protocol: Protocol
  readonly #identification: Identification
  #collector: PacketCollector | undefined
  #listener: MessageListener | undefined
  #pending: Buffer[] = []
  #onReady: (() => void)[] = []
  #onClose: ((reason: string) => void)[] = []
  #onDrain: (() => void) | undefined
  #linger: NodeJS.Timeout | undefined
  #ready = false
  #mayRekey = false
  #waiting = 0
  #reason = ''
  #ended = false
  #closed = false
  readonly #isExchanging = (): boolean => !this.#ready || this.#protocol._kexinit !== undefined

  constructor({ link, role, offer }: TransportOptions) {
    this.link = link
    this.#identification = new Identification(role.kind === 'server' ? 'client' : 'server')
    this.#protocol = new ProtocolClass({
      server: role.kind === 'server',
      ident: IDENT,
      offer: kexInitOf(role.kind, offer),
      ...(role.kind === 'server'
        ? { hostKeys: role.hostKeys(() => this.#protocol) }
        : { hostVerifier: (hostKey: Buffer) => role.verifyHostKey(hostKey) }),
      messageHandlers: {
        DISCONNECT: (_protocol, _reason, description) =>
          this.close(description === '' ? 'disconnected by the peer' : description),
      },
      onWrite: (packet) => link.write(packet),
      onError: (error) => this.close(error.message),
      onHeader: () => {},
      onHandshakeComplete: () => this.#handshaken(),
    })
    if (role.kind === 'client') expectCertificates(this.#protocol, offer.serverHostKey)
    this.#hook()
    link.listen({
      data: (bytes) => this.#parse(bytes),
      drain: () => this.#onDrain?.(),
      close: (error) => this.#linkClosed(error),
    })
    this.#protocol.start?.()
  }

  /** The session identifier (RFC 4253 section 7.2): the first exchange hash. */
  get sessionId(): Buffer {
    return this.#protocol._kex.sessionID
  }

  /** The cipher towards the server, once keys were exchanged. */
  get cipher(): string {
    return this.#protocol._kex.negotiated.cs.cipher
  }

  get closed(): boolean {
    return this.#closed || this.#ended
  }

  /** Calls back once the first key exchange is done. */
  onReady(callback: () => void): void {
    if (this.#ready) callback()
    else this.#onReady.push(callback)
  }

  /** Calls back once, when the link is gone, with a reason for logs. */
  onClose(callback: (reason: string) => void): void {
    if (this.#closed) callback(this.#reason)
    else this.#onClose.push(callback)
  }

  onDrain(callback: () => void): void {
    this.#onDrain = callback
  }

  /** The login is done: from now on the peer may exchange keys again, which costs us more than it costs a client. */
  loggedIn(): void {
    this.#mayRekey = true
  }

  /** Hands all further messages to `listener`, first those that came while nobody listened. */
  listen(listener: MessageListener): void {
    this.#listener = listener
    const pending = this.#pending
    this.#pending = []
    for (const payload of pending) listener(payload)
  }

  /** Keeps further messages for the next listener. */
  unlisten(): void {
    this.#listener = undefined
  }

  send(payload: Uint8Array): void {
    if (!this.closed) this.#send(plainPacket(this.#protocol, payload))
  }

  /** Sends CHANNEL_DATA, or CHANNEL_EXTENDED_DATA when `dataType` is not 0: one copy, straight into the packet. */
  sendData(recipient: number, dataType: number, bytes: Uint8Array): void {
    if (!this.closed) this.#send(dataPacket(this.#protocol, recipient, dataType, bytes))
  }

  /** Sends one CHANNEL_DATA of `size` bytes that lie in several pieces. */
  sendGathered(recipient: number, size: number, pieces: readonly Uint8Array[]): void {
    if (!this.closed) this.#send(gatheredPacket(this.#protocol, recipient, size, pieces))
  }

  /** Tells the peer why, then ends the link. */
  disconnect(reason: number, description: string): void {
    if (this.closed) return
    if (this.#ready) this.send(disconnectMessage(reason, description))
    this.close(description)
  }

  /** Ends the link after what was written; a peer that does not take it is cut off. */
  close(reason: string): void {
    if (this.closed) return
    this.#ended = true
    this.#reason = reason
    this.link.end()
    this.#linger = setTimeout(() => this.link.destroy(), LINGER)
  }

  /** Packets wait while keys are exchanged; a peer that never finishes must not make them pile up. */
  #send(packet: Buffer): void {
    this.#waiting = sendPacket(this.#protocol, packet) ? 0 : this.#waiting + 1
    if (this.#waiting > MAX_WAITING) this.close('a key exchange that does not end')
  }

  #hook(): void {
    const protocol = this.#protocol
    const transportMessage = protocol._onPayload
    protocol._onPayload = (payload) => {
      if (this.#ended) return
      const type = payload[0] ?? 0
      if (type >= 50 || type === MSG.SERVICE_REQUEST || type === MSG.SERVICE_ACCEPT) {
        this.#deliver(payload)
        return
      }
      if (type !== MSG.KEXINIT) return transportMessage(payload)
      if (!this.#mayRekey) {
        return this.disconnect(DISCONNECT.PROTOCOL_ERROR, 'a second key exchange before the login')
      }
      // A rekey keeps the peer's KEXINIT until it is done.
      return transportMessage(Buffer.from(payload))
    }
    const handshaken = protocol._onHandshakeComplete
    protocol._onHandshakeComplete = (negotiated) => {
      poolPackets(protocol)
      this.#collector?.release()
      if (protocol._decipher !== undefined) {
        this.#collector = new PacketCollector(protocol._decipher, this.#isExchanging)
        protocol._decipher = this.#collector.decipher
      }
      if (protocol._kex.remoteExtInfoEnabled) {
        // ssh2's own EXT_INFO lacks a comma between two names, so clients fall back to weaker signatures.
        protocol._kex.remoteExtInfoEnabled = false
        if (!this.#ready) this.send(extInfo())
      }
      // ssh2 would keep the ephemeral private key for as long as the connection lives.
      protocol._kex._keys = null
      handshaken(negotiated)
    }
  }

  #deliver(payload: Buffer): void {
    if (this.#listener !== undefined) return this.#listener(payload)
    this.#pending.push(Buffer.from(payload))
    if (this.#pending.length > MAX_PENDING) {
      this.disconnect(DISCONNECT.PROTOCOL_ERROR, 'too many messages before an answer')
    }
  }

  #handshaken(): void {
    if (this.#ready) return
    this.#ready = true
    const callbacks = this.#onReady
    this.#onReady = []
    for (const callback of callbacks) callback()
  }

  #parse(bytes: Buffer): void {
    if (this.#closed || this.#ended || this.#protocol._destruct === undefined) return
    const said = this.#identification.take(bytes)
    if (said.length === 0) return
    // The bytes are only lent to us. A key exchange keeps parts of its packets, so it gets a copy.
    const own = this.#isExchanging() ? Buffer.from(said) : said
    try {
      this.#protocol.parse(own, 0, own.length)
      this.#collector?.settle(own)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.disconnect(DISCONNECT.PROTOCOL_ERROR, reason)
    }
  }

  #linkClosed(error: Error | undefined): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#linger)
    if (this.#reason === '') this.#reason = error?.message ?? 'connection closed by the peer'
    this.#protocol.cleanup()
    this.#collector?.release()
    this.#pending = []
    const callbacks = this.#onClose
    this.#onClose = []
    for (const callback of callbacks) callback(this.#reason)
  }
}

/** Waits for the first key exchange. Throws ERR_BASTION_TRANSPORT when the link closes before. */
export function handshake(transport: Transport): Promise<void> {
  return new Promise((resolve, reject) => {
    transport.onReady(resolve)
    transport.onClose((reason) => reject(new BastionError('ERR_BASTION_TRANSPORT', reason)))
  })
}
