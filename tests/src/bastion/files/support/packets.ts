/** Packets of the protocol, made by hand: nothing here comes from the filter. */

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export function u64(value: bigint | number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

export function str(value: string | Uint8Array): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : Buffer.from(value)
  return Buffer.concat([u32(bytes.length), bytes])
}

export function packet(type: number, ...fields: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat([Buffer.of(type), ...fields])
  return Buffer.concat([u32(body.length), body])
}

export const noAttributes: Buffer = u32(0)

export function mode(bits: number): Buffer {
  return Buffer.concat([u32(4), u32(bits)])
}

export function size(bytes: bigint | number): Buffer {
  return Buffer.concat([u32(1), u64(bytes)])
}

export const init: Buffer = packet(1, u32(3))

export const openRead = (id: number, path: string): Buffer =>
  packet(3, u32(id), str(path), u32(1), noAttributes)
export const openWrite = (id: number, path: string, attributes: Buffer = noAttributes): Buffer =>
  packet(3, u32(id), str(path), u32(2 | 8 | 16), attributes)
export const close = (id: number, handle: string | Buffer): Buffer =>
  packet(4, u32(id), str(handle))
export const read = (id: number, handle: string | Buffer, offset: number, length: number): Buffer =>
  packet(5, u32(id), str(handle), u64(offset), u32(length))
export const write = (
  id: number,
  handle: string | Buffer,
  offset: number,
  content: string | Buffer,
): Buffer => packet(6, u32(id), str(handle), u64(offset), str(content))
export const onPath = (type: number, id: number, path: string | Buffer): Buffer =>
  packet(type, u32(id), str(path))
export const rename = (id: number, from: string, to: string): Buffer =>
  packet(18, u32(id), str(from), str(to))
export const extended = (id: number, name: string, ...fields: readonly Buffer[]): Buffer =>
  packet(200, u32(id), str(name), ...fields)

export const version = (...pairs: readonly (readonly [string, string])[]): Buffer =>
  packet(2, u32(3), ...pairs.flatMap(([name, value]) => [str(name), str(value)]))
export const status = (id: number, code: number): Buffer =>
  packet(101, u32(id), u32(code), str('said'), str(''))
export const handle = (id: number, name: string | Buffer): Buffer => packet(102, u32(id), str(name))
export const data = (id: number, content: string | Buffer): Buffer =>
  packet(103, u32(id), str(content))
export const name = (id: number, path: string): Buffer =>
  packet(104, u32(id), u32(1), str(path), str(path), noAttributes)
export const attributes = (id: number): Buffer => packet(105, u32(id), noAttributes)

export interface ReadPacket {
  readonly type: number
  readonly id: number
  readonly fields: Buffer
}

/** Takes the whole packets off the front of a stream; fails when bytes are left over. */
export function readPackets(stream: Buffer): readonly ReadPacket[] {
  const packets: ReadPacket[] = []
  let at = 0
  while (at < stream.length) {
    const length = stream.readUInt32BE(at)
    if (at + 4 + length > stream.length) throw new Error('a packet is cut')
    const body = stream.subarray(at + 4, at + 4 + length)
    packets.push({ type: body.readUInt8(0), id: body.readUInt32BE(1), fields: body.subarray(5) })
    at += 4 + length
  }
  return packets
}

/** Returns a status as `code message`. */
export function statusOf({ type, fields }: ReadPacket): string {
  if (type !== 101) return `type ${type}`
  const length = fields.readUInt32BE(4)
  return `${fields.readUInt32BE(0)} ${fields.subarray(8, 8 + length).toString()}`
}
