import { createReader } from '@sallyport/keys/wire'
import { ChannelLink, LINK_PACKET, LINK_WINDOW } from '../ssh/channel-link.ts'
import type { Link } from '../ssh/link.ts'
import {
  DISCONNECT,
  message,
  MIN_PACKET,
  MSG,
  openFailure,
  OPEN_FAILURE,
  uint32,
} from '../ssh/messages.ts'
import type { Transport } from '../ssh/transport.ts'
import { excerpt } from '../words.ts'
import type { Target, Targets } from './target.ts'

export interface JumpOptions {
  readonly transport: Transport
  readonly targets: Targets
  readonly portForwarding: boolean
  readonly maxChannels: number
  /** Serves the inner connection to `target` that lives in `link`. */
  readonly serve: (link: Link, target: Target) => void
  readonly report: (event: string, detail: Readonly<Record<string, unknown>>) => void
}

/** Unsent bytes above which the agent is no longer read. */
const HIGH_WATER = 8 << 20

/** Refused channels after which the connection is ended. */
const MAX_REFUSALS = 1000

const REQUEST_FAILURE = message(MSG.REQUEST_FAILURE)

/**
 * Serves the outer hop of `ssh -J`: `direct-tcpip` channels to target names, each the link of an inner connection. There
 * is nothing else to have here: no session, no forward, no agent.
 */
export function serveJump(options: JumpOptions): void {
  const { transport, report } = options
  const links = new Map<number, ChannelLink>()
  let nextNumber = 0
  let refusals = 0
  let paused = false

  const violation = (text: string): void => {
    report('route.violation', { reason: text })
    transport.disconnect(DISCONNECT.PROTOCOL_ERROR, `sallyport: ${text}`)
  }
  /** Reads no more while much is unsent, or answers would pile up for a peer that takes none. */
  const regulate = (): void => {
    const full = transport.link.writableLength > HIGH_WATER
    if (full === paused) return
    paused = full
    if (full) transport.link.pause()
    else transport.link.resume()
  }
  const open = (payload: Buffer): void => {
    const reader = createReader(payload)
    reader.u8()
    const type = reader.text()
    const sender = reader.u32()
    const window = reader.u32()
    const maxPacket = reader.u32()
    if (maxPacket < MIN_PACKET) return violation('a maximum packet size that is too small')
    const refuse = (code: number, reason: string): void => {
      report('route.refused', { type: excerpt(type), reason })
      refusals += 1
      if (refusals === MAX_REFUSALS) return violation('too many channels that are refused')
      transport.send(openFailure(sender, code, `sallyport: ${reason}`))
    }
    if (type !== 'direct-tcpip') {
      return refuse(OPEN_FAILURE.UNKNOWN_CHANNEL_TYPE, 'only ssh -J to a target is served here')
    }
    if (!options.portForwarding) {
      return refuse(
        OPEN_FAILURE.ADMINISTRATIVELY_PROHIBITED,
        'the certificate has no permit-port-forwarding',
      )
    }
    if (links.size >= options.maxChannels) {
      return refuse(OPEN_FAILURE.RESOURCE_SHORTAGE, 'too many connections through one jump')
    }
    const verdict = options.targets.byName(reader.text(), reader.u32())
    if (verdict.kind === 'refused') {
      return refuse(OPEN_FAILURE.ADMINISTRATIVELY_PROHIBITED, verdict.message)
    }
    const number = nextNumber++
    const link = new ChannelLink({
      transport,
      recipient: sender,
      window,
      maxPacket: Math.min(maxPacket, LINK_PACKET),
      onGone: () => links.delete(number),
    })
    links.set(number, link)
    transport.send(
      message(MSG.CHANNEL_OPEN_CONFIRMATION, uint32(sender, number, LINK_WINDOW, LINK_PACKET)),
    )
    options.serve(link, verdict.target)
  }
  const receive = (payload: Buffer): void => {
    const type = payload[0] ?? 0
    if (type === MSG.CHANNEL_OPEN) return open(payload)
    if (type === MSG.GLOBAL_REQUEST) {
      const reader = createReader(payload)
      reader.u8()
      reader.text()
      return reader.bool() ? transport.send(REQUEST_FAILURE) : undefined
    }
    const link = links.get(payload.readUInt32BE(1))
    if (link === undefined) return violation(`message ${type} for no channel`)
    switch (type) {
      case MSG.CHANNEL_DATA:
        return link.received(payload.subarray(9, 9 + payload.readUInt32BE(5)))
      case MSG.CHANNEL_WINDOW_ADJUST:
        return link.windowAdjusted(payload.readUInt32BE(5))
      case MSG.CHANNEL_EOF:
        return link.ended()
      case MSG.CHANNEL_CLOSE:
        return link.closedByPeer()
      case MSG.CHANNEL_REQUEST: {
        const wantReply = payload[9 + payload.readUInt32BE(5)] === 1
        return wantReply
          ? transport.send(message(MSG.CHANNEL_FAILURE, uint32(link.recipient)))
          : undefined
      }
      default:
        return violation(`message ${type} has no place on the outer hop`)
    }
  }

  transport.onClose(() => {
    for (const link of links.values()) link.lost()
    links.clear()
  })
  transport.onDrain(() => {
    regulate()
    for (const link of links.values()) link.transportDrained()
  })
  transport.listen((payload) => {
    try {
      receive(payload)
    } catch (error) {
      violation(error instanceof Error ? error.message : String(error))
    }
    regulate()
  })
}
