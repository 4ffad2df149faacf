import type { Channel } from './channel.ts'
import type { Leg } from './leg.ts'
import type { Relay } from './relay.ts'

/**
 * CHANNEL_CLOSE from the peer of `leg` (RFC 4254 section 5.3). It is passed on behind what is queued, and answered once
 * it has been: nothing that was sent before a close is lost, and a channel is gone only when both ends said so.
 */
export function closeReceived(relay: Relay, channel: Channel, leg: Leg): void {
  const fromAgent = leg === channel.agent
  const other = fromAgent ? channel.target : channel.agent
  leg.closeReceived = true
  leg.failExpected()
  if (leg.discarding || other.state === 'none' || channel.phase === 'refused') {
    leg.close()
    return relay.release(channel)
  }
  const neverStarted = fromAgent && channel.phase === 'undecided'
  if (other.closeReceived || neverStarted) {
    channel.up.drop()
    channel.down.drop()
    other.discarding = true
    other.close()
    leg.close()
    return relay.release(channel)
  }
  // Who closes takes no more; what is on its way to it goes nowhere.
  if (fromAgent) channel.down.drop()
  else channel.up.drop()
  const half = fromAgent ? channel.up : channel.down
  half.control(() => {
    other.close()
    leg.close()
    relay.release(channel)
  })
}
