import { createReader, createWriter } from '@sallyport/keys/wire'
import { signData } from '@sallyport/keys/publickey'
import type { KeyObject } from 'node:crypto'

/** Messages as a test says them, good or not. */
export const SERVICE_USERAUTH: Buffer = createWriter().u8(5).string('ssh-userauth').bytes()

export interface UserauthFields {
  readonly username: string
  readonly algorithm: string
  readonly blob: Uint8Array
  readonly service?: string
}

/** A publickey request without a signature: a query. */
export function query(fields: UserauthFields): Buffer {
  return userauth(fields, 0)
}

/** A publickey request, signed by `key` for `sessionId`. */
export function signed(
  fields: UserauthFields,
  sessionId: Buffer,
  key: KeyObject,
  algorithm?: string,
): Buffer {
  const request = userauth(fields, 1)
  const signedData = createWriter().string(sessionId).raw(request).bytes()
  return withSignature(request, signData(key, signedData, algorithm))
}

/** The same with a signature blob that the test made itself, of `signedBytes`. */
export function signedBy(
  fields: UserauthFields,
  sessionId: Buffer,
  sign: (signedBytes: Buffer) => Buffer,
): Buffer {
  const request = userauth(fields, 1)
  return withSignature(request, sign(createWriter().string(sessionId).raw(request).bytes()))
}

/** A request by another method, with the rest as it may come. */
export function otherMethod(
  username: string,
  method: string,
  rest: Uint8Array = Buffer.alloc(0),
): Buffer {
  return createWriter()
    .u8(50)
    .string(username)
    .string('ssh-connection')
    .string(method)
    .raw(rest)
    .bytes()
}

export function channelOpen(
  type: string,
  rest: Uint8Array = Buffer.alloc(0),
  window = 2 << 20,
): Buffer {
  return createWriter().u8(90).string(type).u32(0).u32(window).u32(32_768).raw(rest).bytes()
}

export function directTcpip(host: string, port: number): Buffer {
  const rest = createWriter().string(host).u32(port).string('127.0.0.1').u32(1).bytes()
  return channelOpen('direct-tcpip', rest)
}

export function globalRequest(
  type: string,
  wantReply: boolean,
  rest: Uint8Array = Buffer.alloc(0),
): Buffer {
  return createWriter()
    .u8(80)
    .string(type)
    .u8(wantReply ? 1 : 0)
    .raw(rest)
    .bytes()
}

export function channelRequest(
  recipient: number,
  type: string,
  wantReply: boolean,
  rest: Uint8Array = Buffer.alloc(0),
): Buffer {
  return createWriter()
    .u8(98)
    .u32(recipient)
    .string(type)
    .u8(wantReply ? 1 : 0)
    .raw(rest)
    .bytes()
}

export function channelData(recipient: number, bytes: Uint8Array | string): Buffer {
  return createWriter().u8(94).u32(recipient).string(bytes).bytes()
}

/** EOF, CLOSE, SUCCESS, FAILURE: a number and a channel. */
export function channelMessage(type: number, recipient: number): Buffer {
  return createWriter().u8(type).u32(recipient).bytes()
}

export function windowAdjust(recipient: number, amount: number): Buffer {
  return createWriter().u8(93).u32(recipient).u32(amount).bytes()
}

/** SSH strings, one after the other. */
export function strings(...values: readonly (string | Uint8Array)[]): Buffer {
  const writer = createWriter()
  for (const value of values) writer.string(value)
  return writer.bytes()
}

/** USERAUTH_BANNER: byte 53, string message, string language. */
export function bannerText(payload: Buffer): string {
  const reader = createReader(payload)
  reader.u8()
  return reader.text()
}

/** CHANNEL_OPEN_FAILURE: byte 92, uint32 recipient, uint32 reason, string description. */
export function openFailureOf(payload: Buffer): { reason: number; description: string } {
  const reader = createReader(payload)
  reader.u8()
  reader.u32()
  return { reason: reader.u32(), description: reader.text() }
}

function userauth(
  { username, algorithm, blob, service = 'ssh-connection' }: UserauthFields,
  hasSignature: 0 | 1,
): Buffer {
  return createWriter()
    .u8(50)
    .string(username)
    .string(service)
    .string('publickey')
    .u8(hasSignature)
    .string(algorithm)
    .string(blob)
    .bytes()
}

function withSignature(request: Buffer, signatureBlob: Buffer): Buffer {
  return createWriter().raw(request).string(signatureBlob).bytes()
}
