import { message, MSG, uint32 } from '../ssh/messages.ts'

/** How messages reach a peer: a transport, or an end of our own. */
export interface PeerTransport {
  send(payload: Uint8Array): void
  sendData(recipient: number, dataType: number, bytes: Uint8Array): void
}

/** A reply that one peer owes for a request of the other. */
export interface Reply {
  /** The leg that asked. */
  readonly to: Leg
  outcome: 'pending' | 'success' | 'failure'
}

/** Answers that a peer may be owed on one channel. */
const MAX_OWED = 1000

/**
 * One peer's end of a channel: the number by which it knows the channel, what was opened and closed, and the replies in
 * flight. Replies go back in the order of the requests (RFC 4254 section 5.4), so a reply of our own waits for an
 * earlier one of the other peer.
 */
export class Leg {
  readonly transport: PeerTransport
  /** The peer's number for the channel. */
  recipient = 0
  state: 'none' | 'opening' | 'open' = 'none'
  closeSent = false
  closeReceived = false
  eofReceived = false
  /** Set when the peer's words no longer matter: its channel is only being closed. */
  discarding = false
  readonly #owed: Reply[] = []
  readonly #expected: (Reply | undefined)[] = []

  constructor(transport: PeerTransport) {
    this.transport = transport
  }

  get gone(): boolean {
    return this.state === 'none' || (this.closeSent && this.closeReceived)
  }

  get mayReceive(): boolean {
    return this.state === 'open' && !this.closeSent && !this.closeReceived
  }

  send(payload: Buffer): void {
    if (this.state === 'open' && !this.closeSent) this.transport.send(payload)
  }

  sendData(dataType: number, bytes: Buffer): void {
    if (!this.closeSent) this.transport.sendData(this.recipient, dataType, bytes)
  }

  sendWindowAdjust(amount: number): void {
    this.send(message(MSG.CHANNEL_WINDOW_ADJUST, uint32(this.recipient, amount)))
  }

  sendEof(): void {
    this.send(message(MSG.CHANNEL_EOF, uint32(this.recipient)))
  }

  close(): void {
    if (this.state !== 'open' || this.closeSent) return
    this.transport.send(message(MSG.CHANNEL_CLOSE, uint32(this.recipient)))
    this.closeSent = true
  }

  /** Notes that this peer asked for a reply. */
  owe(): Reply {
    const reply: Reply = { to: this, outcome: 'pending' }
    this.#owed.push(reply)
    if (this.#owed.length > MAX_OWED) throw new RangeError('too many requests without an answer')
    return reply
  }

  /** Settles a reply that is owed to this peer, and sends all that are now due. */
  settle(reply: Reply, success: boolean): void {
    if (reply.outcome === 'pending') reply.outcome = success ? 'success' : 'failure'
    this.#flush()
  }

  /** Settles every reply still owed to this peer. */
  settleAll(success: boolean): void {
    for (const reply of this.#owed) {
      if (reply.outcome === 'pending') reply.outcome = success ? 'success' : 'failure'
    }
    this.#flush()
  }

  /** Notes that this peer will answer a request; `reply` is where its answer goes, if anybody asked. */
  expect(reply: Reply | undefined): void {
    this.#expected.push(reply)
  }

  /** This peer answered its oldest open request; false when there was none. */
  answered(success: boolean): boolean {
    if (this.#expected.length === 0) return false
    const reply = this.#expected.shift()
    reply?.to.settle(reply, success)
    return true
  }

  /** This peer will answer no more: what it owed fails. */
  failExpected(): void {
    for (const reply of this.#expected.splice(0)) reply?.to.settle(reply, false)
  }

  #flush(): void {
    for (;;) {
      const first = this.#owed[0]
      if (first === undefined || first.outcome === 'pending') return
      this.#owed.shift()
      const type = first.outcome === 'success' ? MSG.CHANNEL_SUCCESS : MSG.CHANNEL_FAILURE
      this.send(message(type, uint32(this.recipient)))
    }
  }
}
