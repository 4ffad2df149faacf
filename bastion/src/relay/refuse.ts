import type { Denied } from '../decide/index.ts'
import type { Channel } from './channel.ts'

/** Exit status of what a policy denied, as a shell gives for a command that may not be run. */
const STATUS_DENIED = 126
/** Exit status when an approval ran out, as `timeout` gives. */
const STATUS_EXPIRED = 124

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
  channel: Channel,
  decision: Omit<Denied, 'message'>,
  { message, expired = false, ticket, link }: Refusal,
): void {
  const { rule } = decision
  channel.recorder?.decision({ ...decision, message })
  const status = expired ? STATUS_EXPIRED : STATUS_DENIED
  const lines = [`sallyport: denied by rule ${rule}: ${message}`]
  if (channel.wantsJson) {
    const kind = expired ? 'expired' : 'denied'
    lines.push(JSON.stringify({ sallyport: kind, rule, message, status, ticket, link }))
  }
  channel.refuse(lines, status)
}
