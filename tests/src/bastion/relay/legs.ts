import { Leg } from '@sallyport/bastion/relay'

type Peer = ConstructorParameters<typeof Leg>[0]

/** A leg that is open, and what was sent to its peer. */
export interface WatchedLeg {
  readonly leg: Leg
  readonly sent: Buffer[]
}

export interface Watch {
  readonly payload?: (payload: Buffer) => void
  readonly bytes?: (dataType: number, bytes: Buffer) => void
}

/** Returns an open leg whose peer is the test. */
export function watchedLeg(watch: Watch = {}): WatchedLeg {
  const sent: Buffer[] = []
  // A leg uses these two of a transport; the others would need a connection.
  const peer: unknown = {
    send: (payload: Buffer) => {
      sent.push(payload)
      watch.payload?.(payload)
    },
    sendData: (_recipient: number, dataType: number, bytes: Buffer) => {
      watch.bytes?.(dataType, Buffer.from(bytes))
    },
  }
  const leg = new Leg(peer as Peer)
  leg.state = 'open'
  return { leg, sent }
}
