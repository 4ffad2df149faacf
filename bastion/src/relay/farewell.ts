import { channelRequest, sshString } from '../ssh/messages.ts'
import type { Channel } from './channel.ts'

/** Exit status of a session that we end, as ssh gives for a connection that is lost. */
const STATUS_ENDED = 255

/**
 * Stops what runs in each channel and closes each session, after it was told why: a stock client that hears a
 * disconnect throws away what it was just sent. Returns whether anybody was told.
 */
export function sayFarewell(channels: Iterable<Channel>, text: string): boolean {
  let told = false
  for (const channel of channels) {
    const { type, phase, agent } = channel
    killAtTarget(channel)
    if (type !== 'session' || phase === 'refused' || !agent.mayReceive) continue
    channel.withdraw(text)
    channel.refuse([text], STATUS_ENDED)
    told = true
  }
  return told
}

/** Stops what runs at the target: a closed channel alone would not end a command that neither reads nor writes. */
export function killAtTarget({ target, type, phase }: Channel): void {
  if (type !== 'session' || phase !== 'running') return
  target.send(channelRequest(target.recipient, 'signal', false, sshString('KILL')))
}
