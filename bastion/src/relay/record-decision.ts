import type { Settled } from '../decide/index.ts'
import type { Channel } from './channel.ts'
import type { RelayContext } from './context.ts'

/** Characters of a request in the audit log; its recording holds all of it. */
const MAX_TEXT = 1024

/** Writes a decision into the channel's recording and the audit log; returns the mark of the recording. */
export function recordDecision(
  relay: RelayContext,
  channel: Channel,
  decision: Settled,
  text: string,
): number {
  const { effect, rule, reason } = decision
  const { recorder, report } = relay.options
  report(effect === 'allow' ? 'decide.allowed' : 'decide.denied', {
    recordingId: recorder.recordingId,
    text: text.slice(0, MAX_TEXT),
    rule,
    reason,
    ...(effect === 'allow' ? { judged: decision.judged } : { message: decision.message }),
  })
  return channel.recorder?.decision(decision, text) ?? 0
}
