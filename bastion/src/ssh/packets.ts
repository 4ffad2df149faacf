import type { Protocol } from './internals.ts'
import { MSG } from './messages.ts'

/** Packets to be sent: what is in them is written where they will be encrypted, so that it is copied once. */

/** Returns a packet with this payload. */
export function plainPacket(protocol: Protocol, payload: Uint8Array): Buffer {
  const writer = protocol._packetRW.write
  const start = writer.allocStart
  const packet = writer.alloc(payload.length)
  packet.set(payload, start)
  return writer.finalize(packet)
}

/** Returns CHANNEL_DATA, or CHANNEL_EXTENDED_DATA when `dataType` is not 0. */
export function dataPacket(
  protocol: Protocol,
  recipient: number,
  dataType: number,
  bytes: Uint8Array,
): Buffer {
  const writer = protocol._packetRW.write
  const header = dataType === 0 ? 9 : 13
  const start = writer.allocStart
  const packet = writer.alloc(header + bytes.length)
  packet[start] = dataType === 0 ? MSG.CHANNEL_DATA : MSG.CHANNEL_EXTENDED_DATA
  packet.writeUInt32BE(recipient, start + 1)
  if (dataType !== 0) packet.writeUInt32BE(dataType, start + 5)
  packet.writeUInt32BE(bytes.length, start + header - 4)
  packet.set(bytes, start + header)
  return writer.finalize(packet)
}

/** Returns one CHANNEL_DATA of `size` bytes that lie in several pieces. */
export function gatheredPacket(
  protocol: Protocol,
  recipient: number,
  size: number,
  pieces: readonly Uint8Array[],
): Buffer {
  const writer = protocol._packetRW.write
  let offset = writer.allocStart
  const packet = writer.alloc(9 + size)
  packet[offset] = MSG.CHANNEL_DATA
  packet.writeUInt32BE(recipient, offset + 1)
  packet.writeUInt32BE(size, offset + 5)
  offset += 9
  for (const piece of pieces) {
    packet.set(piece, offset)
    offset += piece.length
  }
  return writer.finalize(packet)
}
