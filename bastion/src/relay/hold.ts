import type { Held } from '../decide/index.ts'
import type { Channel } from './channel.ts'
import type { RelayContext } from './context.ts'
import { goHeld } from './go.ts'
import { recordDecision } from './record-decision.ts'
import { refuse } from './refuse.ts'
import { waitingLines, whyNot } from './approval-words.ts'
import type { ApprovalOutcome, PendingApproval } from './roles.ts'
import type { StartRequest } from './start-request.ts'

/**
 * Holds a start request until people have decided. Nothing of the channel reaches the target in the meantime, and no
 * other channel waits for it. What is sent then is what they saw, not what the agent may have sent since.
 */
export function hold(relay: RelayContext, channel: Channel, asked: StartRequest, held: Held): void {
  const { rule } = held
  channel.holdStart()
  const approval = relay.options.askApproval({
    channel: channel.number,
    title: asked.title,
    before: relay.before,
    held,
  })
  switch (approval.kind) {
    case 'rejected':
      return refuse(
        relay,
        channel,
        asked.title,
        { ...held, effect: 'deny' },
        { message: approval.message },
      )
    case 'granted': {
      const reason = `${held.reason}; covered by ${approval.by}`
      return release(
        relay,
        channel,
        asked,
        { ...held, reason, send: approval.send },
        approval.endsWith,
      )
    }
    case 'pending':
      break
  }
  const { ticket, link, waitsFor, expiresAt } = approval
  channel.recorder?.marker('waiting for approval', { ticket, rule, waitsFor, expiresAt })
  const lines = [...waitingLines(rule, approval)]
  if (channel.wantsJson) {
    lines.push(JSON.stringify({ sallyport: 'waiting', rule, ticket, link, expiresAt }))
  }
  for (const line of lines) channel.notice(line)
  channel.onWithdrawn((reason) => {
    approval.cancel(reason)
    recordDecision(relay, channel, { ...held, effect: 'deny', message: reason }, asked.title)
  })
  approval.outcome.then(
    (outcome) => decided(relay, channel, asked, held, approval, outcome),
    (error: unknown) => relay.failed(error),
  )
}

function decided(
  relay: RelayContext,
  channel: Channel,
  asked: StartRequest,
  held: Held,
  { ticket, link }: PendingApproval,
  outcome: ApprovalOutcome,
): void {
  if (channel.phase !== 'held') return
  if (outcome.kind !== 'approved') {
    const refusal = { message: whyNot(outcome), expired: outcome.kind === 'expired', ticket, link }
    return refuse(relay, channel, asked.title, { ...held, effect: 'deny' }, refusal)
  }
  const by = outcome.by.join(', ')
  channel.recorder?.marker('approved', { ticket, by })
  channel.notice(`sallyport: approved by ${by}`)
  const reason = `${held.reason}; approved by ${by}, ticket ${ticket}`
  release(relay, channel, asked, { ...held, reason, send: outcome.send })
}

/** Lets go what was held, unless the policy of now would not even hold it. */
function release(
  relay: RelayContext,
  channel: Channel,
  asked: StartRequest,
  held: Held,
  grant?: string,
): void {
  const now = relay.options.decide(asked.ask)
  if (now.effect === 'deny') {
    return refuse(relay, channel, asked.title, now, {
      message: `the policy changed: ${now.message}`,
    })
  }
  goHeld(relay, channel, asked, { ...held, effect: 'allow' }, grant)
}
