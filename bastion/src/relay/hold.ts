import type { Held } from '../decide/index.ts'
import type { Channel } from './channel.ts'
import type { RelayContext } from './context.ts'
import { refuse } from './refuse.ts'
import type { Approval, ApprovalOutcome } from './roles.ts'
import { startBody, type StartRequest } from './start-request.ts'

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
    case 'refused':
      return refuse(channel, { ...held, effect: 'deny' }, { message: approval.message })
    case 'granted': {
      const reason = `${held.reason}; granted before by ${approval.by}`
      return release(relay, channel, asked, { ...held, reason }, held.send)
    }
    case 'pending':
      break
  }
  const { ticket, link, waitsFor, expiresAt } = approval
  channel.recorder?.marker('waiting for approval', { ticket, rule, waitsFor, expiresAt })
  const until = new Date(expiresAt).toISOString().slice(11, 19)
  const lines = [
    `sallyport: rule ${rule} asks for approval by ${waitsFor}; waiting until ${until} UTC`,
    `sallyport: ${link}`,
  ]
  if (channel.wantsJson) {
    lines.push(JSON.stringify({ sallyport: 'waiting', rule, ticket, link, expiresAt }))
  }
  for (const line of lines) channel.notice(line)
  channel.onWithdrawn((reason) => {
    approval.cancel(reason)
    channel.recorder?.decision({ ...held, effect: 'deny', message: reason })
  })
  approval.outcome.then(
    (outcome) => decided(relay, channel, asked, held, approval, outcome),
    (error: unknown) => relay.failed(error),
  )
}

type Pending = Approval & { readonly kind: 'pending' }

function decided(
  relay: RelayContext,
  channel: Channel,
  asked: StartRequest,
  held: Held,
  { ticket, link }: Pending,
  outcome: ApprovalOutcome,
): void {
  if (channel.phase !== 'held') return
  const refused = { ...held, effect: 'deny' } as const
  switch (outcome.kind) {
    case 'approved': {
      const by = outcome.by.join(', ')
      channel.recorder?.marker('approved', { ticket, by })
      channel.notice(`sallyport: approved by ${by}`)
      const reason = `${held.reason}; approved by ${by}, ticket ${ticket}`
      return release(relay, channel, asked, { ...held, reason }, outcome.send)
    }
    case 'refused': {
      const why = outcome.reason === '' ? '' : `: ${outcome.reason}`
      const message = `refused by ${outcome.by}${why}`
      return refuse(channel, refused, { message, ticket, link })
    }
    case 'expired': {
      const message = 'nobody approved it in time'
      return refuse(channel, refused, { message, expired: true, ticket, link })
    }
    case 'cancelled':
      return refuse(channel, refused, { message: outcome.reason, ticket, link })
  }
}

/** Lets go what was held, unless the policy of now would not even hold it. */
function release(
  relay: RelayContext,
  channel: Channel,
  asked: StartRequest,
  held: Held,
  send: Buffer,
): void {
  const now = relay.options.decide(asked.ask)
  if (now.effect === 'deny') {
    return refuse(channel, now, { message: `the policy changed: ${now.message}` })
  }
  relay.ran(asked.title)
  const mark = channel.recorder?.decision({ ...held, effect: 'allow', send }) ?? 0
  channel.startHeld(asked.request, startBody(asked, { send }), mark)
}
