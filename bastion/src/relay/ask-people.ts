import type { Allowed, Decision, Denied, DecisionQuestion, Held } from '../decide/index.ts'
import { waitingLines, whyNot } from './approval-words.ts'
import type { Channel } from './channel.ts'
import type { RelayContext } from './context.ts'
import { decideWithVariables } from './decide-with-variables.ts'
import { recordDecision } from './record-decision.ts'
import type { Refusal } from './refuse.ts'
import type { ApprovalOutcome } from './roles.ts'

/** What waits for people: a start request, or a line of a guarded shell. */
export interface HeldRequest {
  readonly ask: DecisionQuestion
  readonly title: string
  readonly held: Held
}

/** What becomes of it; one of `refuse` and `go` is called, once, unless it was cancelled. */
export interface HeldSink {
  /** A line for the agent. */
  tell(line: string): void
  refuse(decision: Denied, refusal: Refusal): void
  /** `decision.send` is what they saw; the end of `grant` is the end of what runs. */
  go(decision: Allowed & Pick<Held, 'send'>, grant: string | undefined): void
}

/** Nobody need decide any more; the reason is for them and for the audit. */
export type Cancel = (reason: string) => void

/** Has people decide on a request. Returns how to cancel it while they have not; undefined when none were asked. */
export function askPeople(
  relay: RelayContext,
  channel: Channel,
  { ask, title, held }: HeldRequest,
  sink: HeldSink,
): Cancel | undefined {
  const { rule } = held
  const refuse = (refusal: Refusal): void =>
    sink.refuse({ ...held, effect: 'deny', message: refusal.message, held: true }, refusal)
  const release = (reason: string, send: Buffer, grant?: string): void => {
    const now = decideWithVariables(relay.options.decide, channel, ask)
    const changed = refusalOfNow(held, now, ask)
    if (changed !== undefined) return sink.refuse({ ...changed, held: true }, changed)
    const shell = now.effect !== 'deny' && now.shell === 'guarded' ? now.shell : held.shell
    sink.go(
      {
        ...held,
        effect: 'allow',
        held: true,
        reason,
        send,
        ...(shell === undefined ? {} : { shell }),
      },
      grant,
    )
  }

  const approval = relay.options.askApproval({
    channel: channel.number,
    title,
    variables: Array.from(channel.variables, ([name, value]) => `${name}=${value}`),
    before: relay.before,
    held,
  })
  if (approval.kind === 'rejected') {
    refuse(approval)
    return undefined
  }
  if (approval.kind === 'granted') {
    const { by, send, endsWith } = approval
    release(`${held.reason}; covered by ${by}`, send, endsWith)
    return undefined
  }

  const { ticket, link, waitsFor, expiresAt } = approval
  channel.recorder?.marker('waiting for approval', { ticket, rule, waitsFor, expiresAt })
  for (const line of waitingLines(rule, approval)) sink.tell(line)
  if (channel.wantsJson)
    sink.tell(JSON.stringify({ sallyport: 'waiting', rule, ticket, link, expiresAt }))
  let waits = true
  const decided = (outcome: ApprovalOutcome): void => {
    if (!waits) return
    waits = false
    if (outcome.kind !== 'approved')
      return refuse({
        message: whyNot(outcome),
        expired: outcome.kind === 'expired',
        ticket,
        link,
      })
    const by = outcome.by.join(', ')
    channel.recorder?.marker('approved', { ticket, by })
    sink.tell(`sallyport: approved by ${by}`)
    release(`${held.reason}; approved by ${by}, ticket ${ticket}`, outcome.send)
  }
  approval.outcome.then(decided, (error: unknown) => relay.failed(error))
  return (reason) => {
    if (!waits) return
    waits = false
    approval.cancel(reason)
    recordDecision(relay, channel, { ...held, effect: 'deny', message: reason, held: true }, title)
  }
}

// The policy of now has the last word: who agreed must be enough for it, what they saw must be what it would send, and
// what it looks into must have been looked into from the start.
function refusalOfNow(held: Held, now: Decision, ask: DecisionQuestion): Denied | undefined {
  if (now.effect === 'deny') return { ...now, message: `the policy changed: ${now.message}` }
  const again = (what: string): Denied => ({
    effect: 'deny',
    rule: now.rule,
    message: `the policy changed: ${what}, ask again`,
    reason: now.reason,
  })
  if (now.effect === 'approve' && !areMet(now.terms, held.terms))
    return again('others must agree now')
  // A guarded shell puts its folder and variables before the text.
  if (ask.kind === 'exec' && now.send !== undefined && !endsWith(held.send, now.send))
    return again('another text would be sent now')
  if (now.files !== true || held.files === true) return undefined
  return again('each file is judged now')
}

function areMet(wanted: Held['terms'], given: Held['terms']): boolean {
  const texts = new Set(given.map((terms) => JSON.stringify(terms)))
  return wanted.every((terms) => texts.has(JSON.stringify(terms)))
}

function endsWith(whole: Buffer, end: Buffer): boolean {
  return whole.length >= end.length && whole.subarray(whole.length - end.length).equals(end)
}
