import { createWriter } from '@sallyport/keys/wire'
import { FXP } from './protocol.ts'

/** Returns a packet of a request that is known already, with these fields. */
export type Print = (...fields: readonly Uint8Array[]) => Buffer

/** Returns a packet: uint32 length, byte type, and the fields of the type. */
export function packet(type: number, ...fields: readonly Uint8Array[]): Buffer {
  const size = fields.reduce((sum, field) => sum + field.length, 1)
  const head = Buffer.allocUnsafe(5)
  head.writeUInt32BE(size, 0)
  head.writeUInt8(type, 4)
  return Buffer.concat([head, ...fields], size + 4)
}

/** Returns a packet again that was read without its length. */
export function framed(bytes: Buffer): Buffer {
  return Buffer.concat([uint32(bytes.length), bytes])
}

/** STATUS: uint32 id, uint32 code, string message, string language. */
export function status(id: number, code: number, message: string): Buffer {
  return packet(FXP.STATUS, uint32(id, code), text(message), text('en'))
}

export function uint32(...values: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(4 * values.length)
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value, 4 * at)
  return bytes
}

export function uint64(...values: readonly bigint[]): Buffer {
  const bytes = Buffer.allocUnsafe(8 * values.length)
  for (const [at, value] of values.entries()) bytes.writeBigUInt64BE(value, 8 * at)
  return bytes
}

export function text(value: Uint8Array | string): Buffer {
  return createWriter().string(value).bytes()
}
