import type { Link, LinkListener } from './link.ts'
import { message, MSG, uint32 } from './messages.ts'
import { packetSlabs } from './slab.ts'
import type { Transport } from './transport.ts'
import { atEndOfTurn } from './turn.ts'

/** What we let the outer connection send before we take it: OpenSSH's own figures. */
export const LINK_WINDOW: number = 2 << 20
export const LINK_PACKET: number = 32 << 10

/** Below this many unwritten bytes the writer may go on. */
const LOW_WATER = 512 << 10

export interface ChannelLinkOptions {
  readonly transport: Transport
  /** The peer's number for the channel. */
  readonly recipient: number
  readonly window: number
  readonly maxPacket: number
  readonly onGone: () => void
}

/**
 * A link over one channel of another transport: the inner hop of `ssh -J` lives in such a `direct-tcpip` channel. It
 * packs whatever was written in one turn of the event loop into the largest packets that the window allows.
 */
export class ChannelLink implements Link {
  readonly remoteAddress: string
  readonly recipient: number
  readonly #options: ChannelLinkOptions
  #listener: LinkListener | undefined
  #window: number
  #incoming = LINK_WINDOW
  #queue: Buffer[] = []
  #queued = 0
  /** Whether the last piece that was taken was only a part of the one that leads the queue now. */
  #begun = false
  #scheduled = false
  #paused = false
  #held: Buffer[] = []
  #ending = false
  #eofSent = false
  #peerEnded = false
  #closed = false
  #closeSent = false

  constructor(options: ChannelLinkOptions) {
    this.#options = options
    this.#window = options.window
    this.recipient = options.recipient
    this.remoteAddress = options.transport.link.remoteAddress
  }

  /** What waits here, and what waits in the transport below, which a slow agent stalls as well. */
  get writableLength(): number {
    return this.#queued + this.#options.transport.link.writableLength
  }

  listen(listener: LinkListener): void {
    this.#listener = listener
  }

  write(bytes: Buffer): void {
    if (this.#closed || this.#ending) return
    this.#queue.push(bytes)
    this.#queued += bytes.length
    this.#schedule()
  }

  end(): void {
    if (this.#ending) return
    this.#ending = true
    this.#schedule()
  }

  destroy(): void {
    this.#close()
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    const held = this.#held
    this.#held = []
    for (const bytes of held) this.#deliver(bytes)
  }

  /** CHANNEL_DATA from the peer. A peer that sends more than its window is cut off. */
  received(bytes: Buffer): void {
    if (this.#closed) return
    this.#incoming -= bytes.length
    if (this.#incoming < 0) this.#close()
    else this.#deliver(bytes)
  }

  windowAdjusted(amount: number): void {
    this.#window = Math.min(this.#window + amount, 0xffffffff)
    if (this.#queued > 0) this.#flush()
  }

  /** The transport below took what it had to write. */
  transportDrained(): void {
    if (this.#queued > 0) this.#flush()
    else this.#listener?.drain()
  }

  /** CHANNEL_EOF from the peer: the inner connection has ended. */
  ended(): void {
    this.#peerEnded = true
    this.end()
    this.#schedule()
  }

  /** CHANNEL_CLOSE from the peer. */
  closedByPeer(): void {
    this.#close()
    this.#options.onGone()
  }

  /** The transport below is gone. */
  lost(): void {
    this.#closeSent = true
    this.#close()
  }

  #deliver(bytes: Buffer): void {
    if (this.#paused) {
      this.#held.push(Buffer.from(bytes))
      return
    }
    this.#listener?.data(bytes)
    if (this.#incoming >= LINK_WINDOW / 2 || this.#closed) return
    const amount = LINK_WINDOW - this.#incoming
    this.#incoming += amount
    this.#send(MSG.CHANNEL_WINDOW_ADJUST, amount)
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    atEndOfTurn(this.#flushAll)
  }

  readonly #flushAll = (): void => {
    this.#scheduled = false
    this.#flush()
  }

  #flush(): void {
    const { transport, recipient, maxPacket } = this.#options
    while (this.#queued > 0 && this.#window > 0 && !this.#closed) {
      const size = Math.min(this.#queued, this.#window, maxPacket)
      if (size <= 0) break
      const pieces = this.#take(size)
      transport.sendGathered(recipient, size, pieces)
      // The piece that is only begun stays in the queue, and is given back with its end.
      const begun = this.#begun ? pieces.at(-1) : undefined
      for (const piece of pieces) if (piece !== begun) packetSlabs.give(piece)
      this.#queued -= size
      this.#window -= size
    }
    if (this.#closed) return
    if (this.#queued === 0 && this.#ending) {
      // The close waits for the peer's own, or for the transport to give up on it: `ssh -W` leaves at a close, with
      // our last words unread.
      if (!this.#eofSent) this.#send(MSG.CHANNEL_EOF)
      this.#eofSent = true
      if (this.#peerEnded) this.#close()
    } else if (this.#queued < LOW_WATER) this.#listener?.drain()
  }

  /** Removes `size` bytes from the front of the queue, as the pieces they are in. */
  #take(size: number): readonly Buffer[] {
    this.#begun = false
    if (size === this.#queued) {
      const all = this.#queue
      this.#queue = []
      return all
    }
    const pieces: Buffer[] = []
    let used = 0
    for (let left = size; left > 0;) {
      const piece = this.#queue[used]
      if (piece === undefined) break
      if (piece.length <= left) {
        pieces.push(piece)
        left -= piece.length
        used += 1
      } else {
        pieces.push(piece.subarray(0, left))
        this.#queue[used] = piece.subarray(left)
        this.#begun = true
        left = 0
      }
    }
    this.#queue.splice(0, used)
    return pieces
  }

  #send(type: number, ...values: readonly number[]): void {
    this.#options.transport.send(message(type, uint32(this.#options.recipient, ...values)))
  }

  #close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#queue = []
    this.#queued = 0
    this.#held = []
    if (!this.#closeSent) {
      this.#closeSent = true
      this.#send(MSG.CHANNEL_CLOSE)
    }
    setImmediate(() => this.#listener?.close())
  }
}
