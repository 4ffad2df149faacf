/** What a command reads, in pieces that the target has room for. */
export interface Input {
  /** The target takes so many more bytes. */
  grant(bytes: number): void
  /** The target takes packets of so many bytes at most. */
  limit(packet: number): void
  /** Removes and returns what may be sent now. */
  take(): readonly Uint8Array[]
  /** Whether all is sent, said once. */
  ends(): boolean
}

const SMALLEST_PACKET = 1024
const LARGEST_PACKET = 32 << 10

export function createInput(bytes: Uint8Array): Input {
  let left = bytes
  let window = 0
  let packet = SMALLEST_PACKET
  let ended = false
  return {
    grant(more) {
      window = Math.min(window + more, 0xffffffff)
    },
    limit(most) {
      // One that takes a few bytes at a time would make millions of packets.
      packet = Math.min(Math.max(most, SMALLEST_PACKET), LARGEST_PACKET)
    },
    take() {
      const pieces: Uint8Array[] = []
      while (left.length > 0 && window > 0) {
        const piece = left.subarray(0, Math.min(packet, window))
        left = left.subarray(piece.length)
        window -= piece.length
        pieces.push(piece)
      }
      return pieces
    },
    ends() {
      if (ended || left.length > 0) return false
      ended = true
      return true
    },
  }
}
