import { MSG } from '../ssh/messages.ts'
import type { Channel } from './channel.ts'
import type { Half } from './half.ts'
import type { Leg } from './leg.ts'
import type { RelayContext } from './context.ts'

/**
 * CHANNEL_DATA: byte 94, uint32 recipient, string data. CHANNEL_EXTENDED_DATA: byte 95, uint32 recipient, uint32 data
 * type code, string data.
 */
export function dataReceived(
  relay: RelayContext,
  channel: Channel,
  half: Half,
  payload: Buffer,
): void {
  const extended = payload[0] === MSG.CHANNEL_EXTENDED_DATA
  const header = extended ? 13 : 9
  const size = payload.readUInt32BE(header - 4)
  const down = half === channel.down
  const who = down ? 'target' : 'agent'
  if (header + size !== payload.length)
    return relay.violation(`the ${who} sent a data length that is wrong`)
  if (!half.take(size)) return relay.violation(`the ${who} sent more than its window`)
  if (half.source.eofReceived) return relay.violation(`the ${who} sent data after its end`)
  if (half.source.discarding || channel.phase === 'refused' || size === 0) return
  const early = down ? channel.phase !== 'running' : channel.recorder === undefined
  if (early || channel.recorder === undefined)
    return relay.violation(`the ${who} sent data before a start request`)
  const dataType = extended ? payload.readUInt32BE(5) : 0
  const bytes = payload.subarray(header)
  const { filter } = channel
  if (filter !== undefined && dataType === 0) {
    if (down) filter.fromTarget(bytes)
    else {
      channel.recorder.input(bytes)
      filter.fromAgent(bytes)
    }
    return half.grant()
  }
  if (down) return half.data(dataType, bytes, channel.recorder.output(dataType, bytes))
  const { program } = channel
  // It goes on first, and is counted then: nobody waits for that.
  if (program === undefined) half.data(dataType, bytes, 0)
  channel.recorder.input(bytes)
  if (program === undefined) return
  program.input(bytes)
  half.grant()
}

/** CHANNEL_EOF from the peer of `leg`: it sends no more data. Said again, it says nothing. */
export function eofReceived(channel: Channel, leg: Leg, half: Half): void {
  if (leg.eofReceived) return
  leg.eofReceived = true
  if (leg === channel.agent && channel.program !== undefined) return channel.program.endOfInput()
  if (leg.discarding || channel.phase === 'refused') return
  half.control(() => half.sink.sendEof())
}
