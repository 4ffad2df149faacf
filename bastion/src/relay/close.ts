import type { Channel } from './channel.ts'
import type { Leg } from './leg.ts'
import type { RelayContext } from './context.ts'

/**
 * CHANNEL_CLOSE from the peer of `leg` (RFC 4254 section 5.3). Each close goes to the other peer behind what is queued,
 * and is answered by the other peer's own: nothing that was sent before a close is lost. An OpenSSH client closes as
 * soon as it has all output; the exit status that it still waits for comes after its close and before the target's.
 */
export function closeReceived(relay: RelayContext, channel: Channel, leg: Leg): void {
  const fromAgent = leg === channel.agent
  const other = fromAgent ? channel.target : channel.agent
  leg.closeReceived = true
  leg.failExpected()
  if (fromAgent && channel.program !== undefined) {
    channel.program.close()
    channel.program = undefined
    channel.down.dropData()
    leg.close()
    return relay.release(channel)
  }
  if (leg.discarding || other.state === 'none' || channel.phase === 'refused') {
    leg.close()
    return relay.release(channel)
  }
  if (fromAgent) agentClosed(channel)
  else targetClosed(relay, channel)
  relay.release(channel)
}

function agentClosed(channel: Channel): void {
  const { agent, target, up, down } = channel
  if (channel.phase === 'undecided' || channel.phase === 'held') {
    // Nothing was started that could still have something to say.
    channel.withdraw('the agent went before anybody decided')
    up.drop()
    down.drop()
    target.discarding = true
    target.close()
    agent.close()
    return
  }
  down.dropData()
  up.control(() => target.close())
}

function targetClosed(relay: RelayContext, channel: Channel): void {
  const { agent, target, up, down } = channel
  channel.withdraw('the target closed before anybody decided')
  up.drop()
  down.control(() => {
    agent.close()
    target.close()
    relay.release(channel)
  })
}
