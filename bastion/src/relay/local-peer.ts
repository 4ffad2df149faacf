import { createReader } from '@sallyport/keys/wire'
import { MSG } from '../ssh/messages.ts'
import type { PeerTransport } from './leg.ts'

/** How a command that we run ourselves ended; `lost` when the target never said. */
export type Ending =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'lost'; readonly reason: string }

/** What the agent's end of a channel of our own hears. */
export interface LocalEvents {
  /** The target has opened its end. */
  opened(): void
  refused(): void
  /** The target takes more. */
  widened(): void
  /** The bytes are lent for the time of the call. */
  received(dataType: number, bytes: Buffer): void
  ended(ending: Ending): void
  closed(): void
}

/**
 * The agent's end of a channel that we open ourselves: to the relay it is a peer like any other, so that windows, order
 * and closing are the same.
 */
export function createLocalPeer(events: LocalEvents): PeerTransport {
  return {
    sendData: (_recipient, dataType, bytes) => {
      events.received(dataType, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
    },
    send: (payload) => {
      switch (payload[0] ?? 0) {
        case MSG.CHANNEL_OPEN_CONFIRMATION:
          return events.opened()
        case MSG.CHANNEL_OPEN_FAILURE:
        case MSG.CHANNEL_FAILURE:
          return events.refused()
        case MSG.CHANNEL_WINDOW_ADJUST:
          return events.widened()
        case MSG.CHANNEL_CLOSE:
          return events.closed()
        case MSG.CHANNEL_REQUEST: {
          const ending = readEnding(payload)
          return ending === undefined ? undefined : events.ended(ending)
        }
      }
    },
  }
}

/** exit-status: uint32. exit-signal: string name and more, which nobody here asks for. */
function readEnding(payload: Uint8Array): Ending | undefined {
  const reader = createReader(payload)
  reader.u8()
  reader.u32()
  const type = reader.text()
  reader.bool()
  if (type === 'exit-status') return { kind: 'status', status: reader.u32() }
  if (type === 'exit-signal') return { kind: 'signal', signal: reader.text() }
  return undefined
}
