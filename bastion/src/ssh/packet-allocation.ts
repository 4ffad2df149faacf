import { randomFillSync } from 'node:crypto'
import type { PacketCipher, Protocol } from './internals.ts'
import { packetSlabs } from './slab.ts'

const POOL = Buffer.allocUnsafeSlow(64 << 10)
let poolOffset = POOL.length

/** Block size, bytes outside the padded part, and bytes of the tag that follow the packet, by kind of cipher. */
function shapeOf(cipher: PacketCipher): readonly [number, number, number] | undefined {
  switch (cipher.constructor.name) {
    case 'AESGCMCipherBinding':
      return [16, 4, 16]
    case 'AESGCMCipherNative':
      return [16, 4, 0]
    case 'GenericCipherBinding':
      return [cipher._encBlockLen ?? 16, cipher._aadLen ?? 0, cipher._macLen ?? 0]
    case 'GenericCipherNative':
      return [cipher._encBlockLen ?? 16, cipher._aadLen ?? 0, 0]
    default:
      return undefined
  }
}

/**
 * Makes the outbound cipher of `protocol` allocate packets (RFC 4253 section 6: uint32 packet_length, byte
 * padding_length, payload, random padding) from slabs, with padding from a pool of random bytes. A call to the random
 * generator per packet was a fifth of the relay's time. To be called after every key exchange: each brings a new cipher.
 */
export function poolPackets(protocol: Protocol): void {
  const cipher = protocol._cipher
  const shape = shapeOf(cipher)
  if (shape === undefined) return
  const [block, outside, tag] = shape
  cipher.allocPacket = (payloadLength) => {
    const unpadded = 5 + payloadLength
    let padding = block - ((unpadded - outside) & (block - 1))
    if (padding < 4) padding += block
    const length = unpadded + padding
    const packet = packetSlabs.take(length + tag)
    packet.writeUInt32BE(length - 4, 0)
    packet[4] = padding
    if (poolOffset + padding > POOL.length) {
      randomFillSync(POOL)
      poolOffset = 0
    }
    // In a loop: so few bytes cost less than the call that would copy them.
    for (let index = 0; index < padding; index += 1) {
      packet[unpadded + index] = POOL[poolOffset + index] as number
    }
    poolOffset += padding
    return packet
  }
}
