/**
 * What we reach into inside ssh2 1.17.0, which is pinned exactly for this reason: its protocol state machine (key
 * exchange, ciphers, framing, rekey) without its client, server and channel classes, whose streams lose bytes.
 */
import { createRequire } from 'node:module'

export interface PacketWriter {
  allocStart: number
  alloc(payloadLength: number): Buffer
  finalize(packet: Buffer): Buffer
}

export interface Negotiated {
  readonly kex: string
  serverHostKey: string
  readonly cs: { readonly cipher: string }
  readonly sc: { readonly cipher: string }
}

export interface PacketCipher {
  allocPacket(payloadLength: number): Buffer
  readonly _encBlockLen?: number
  readonly _aadLen?: number
  readonly _macLen?: number
}

export interface PacketDecipher {
  /** The packet that is being read, without its length field. */
  _packet: Uint8Array | null
  /** How long it will be; 0 until that is known. */
  readonly _len: number
  /** How much of it has been read. */
  readonly _pktLen: number
}

/** The key of the server side, as the key exchange uses it. */
export interface HostKeySigner {
  readonly type: string
  getPublicSSH(): Buffer
  sign(data: Buffer): Buffer
}

export interface Protocol {
  readonly start: (() => void) | undefined
  _onPayload: (payload: Buffer) => unknown
  _onHandshakeComplete: (negotiated: Negotiated) => void
  /** Asked by a client about the host key that it was shown. */
  _hostVerifier: ((hostKey: Buffer) => boolean) | undefined
  readonly _destruct: unknown
  readonly _kexinit: Buffer | undefined
  readonly _kex: {
    readonly sessionID: Buffer
    readonly negotiated: Negotiated
    remoteExtInfoEnabled: boolean
    _keys: unknown
    /** What the server has shown, and its signature, until the exchange is done. */
    _hostKey: Buffer | undefined
    _sig: Buffer | undefined
  }
  readonly _cipher: PacketCipher
  _decipher: PacketDecipher | undefined
  readonly _packetRW: { readonly write: PacketWriter }
  parse(chunk: Buffer, start: number, length: number): void
  cleanup(): void
}

export interface ProtocolOptions {
  readonly server: boolean
  readonly ident: Buffer
  readonly offer: KexInit
  readonly hostKeys?: Readonly<Record<string, HostKeySigner>>
  readonly hostVerifier?: (hostKey: Buffer) => boolean
  readonly messageHandlers: {
    DISCONNECT(protocol: Protocol, reason: number, description: string): void
  }
  onWrite(packet: Buffer): void
  onError(error: Error): void
  onHeader(header: { readonly identRaw: string }): void
  onHandshakeComplete(negotiated: Negotiated): void
}

/** Name lists of KEXINIT (RFC 4253 section 7.1), most wanted first. */
export interface AlgorithmOffer {
  kex: string[]
  serverHostKey: string[]
  cs: DirectionOffer
  sc: DirectionOffer
}

export interface DirectionOffer {
  readonly cipher: string[]
  readonly mac: string[]
  readonly compress: string[]
  readonly lang: string[]
}

/** An offer as ssh2 sends it and compares it with its peer's; it changes nothing of it. */
export interface KexInit {
  readonly totalSize: number
}

const require = createRequire(import.meta.url)

export const ProtocolClass = require('ssh2/lib/protocol/Protocol.js') as new (
  options: ProtocolOptions,
) => Protocol

export const KexInitClass: new (offer: AlgorithmOffer) => KexInit = (
  require('ssh2/lib/protocol/kex.js') as { KexInit: new (offer: AlgorithmOffer) => KexInit }
).KexInit

/** Resolves when the fallback ciphers are loaded; no transport may start before. */
export const cryptoReady: Promise<void> = (
  require('ssh2/lib/protocol/crypto.js') as { init: Promise<void> }
).init

const utilities = require('ssh2/lib/protocol/utils.js') as {
  readonly sendPacket: (protocol: Protocol, packet: Buffer) => boolean
}

/** Encrypts and writes a finished packet, or queues it while keys are exchanged. */
export const sendPacket: (protocol: Protocol, packet: Buffer) => boolean = utilities.sendPacket
