import type { Denied } from '../decide/index.ts'
import type { Channel } from './channel.ts'
import type { RelayContext } from './context.ts'
import { recordDecision } from './record-decision.ts'

/** Exit status of what a policy denied, as a shell gives for a command that may not be run. */
export const STATUS_DENIED = 126
/** Exit status when an approval ran out, as `timeout` gives. */
export const STATUS_EXPIRED = 124

/** What an agent is told of a refusal. */
export interface Refusal {
  readonly message: string
  readonly expired?: boolean
  /** Where an approval was asked for. */
  readonly ticket?: string
  readonly link?: string
}

/** Ends a channel that never started: the decision is recorded, and the agent hears the rule and why. */
export function refuse(
  relay: RelayContext,
  channel: Channel,
  title: string,
  decision: Omit<Denied, 'message'>,
  { message, expired = false, ticket, link }: Refusal,
): void {
  const { rule } = decision
  recordDecision(relay, channel, { ...decision, message }, title)
  const status = expired ? STATUS_EXPIRED : STATUS_DENIED
  const lines = [`sallyport: denied by rule ${rule}: ${message}`]
  if (channel.wantsJson) {
    const kind = expired ? 'expired' : 'denied'
    lines.push(JSON.stringify({ sallyport: kind, rule, message, status, ticket, link }))
  }
  channel.refuse(lines, status)
}
