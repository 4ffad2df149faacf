import type { Allowed, Decision, Denied, Held } from '@sallyport/bastion/decide'
import type { Approval, ApprovalOutcome } from '@sallyport/bastion/relay'
import { openRig, written, type Rig } from './rig.ts'

export const held: Held = {
  effect: 'approve',
  rule: 'restart',
  terms: [],
  judged: true,
  commands: [['systemctl', 'restart', 'shop']],
  send: Buffer.from("'systemctl' 'restart' 'shop'"),
  reason: 'rule restart',
}
export const allowed: Allowed = {
  effect: 'allow',
  rule: 'read',
  judged: true,
  commands: [['id']],
  send: Buffer.from("'id'"),
  reason: 'rule read',
}
export const denied: Denied = {
  effect: 'deny',
  rule: 'frozen',
  message: 'not today',
  reason: 'frozen',
}

export interface HoldRig extends Rig {
  readonly cancelled: string[]
  decideAs(outcome: ApprovalOutcome): Promise<void>
  /** What the policy says of `restart` from now on. */
  changePolicy(decision: Decision): void
}

/** A rig in which `restart` is held and everything else is allowed. */
export function openHoldRig(answer?: Approval): HoldRig {
  const cancelled: string[] = []
  const outcome = Promise.withResolvers<ApprovalOutcome>()
  let policy: Decision = held
  const rig = openRig({
    decide: (question) =>
      question.kind === 'exec' && question.command.includes('restart') ? policy : allowed,
    ask: () => answer ?? pendingUntil(outcome.promise, (reason) => void cancelled.push(reason)),
  })
  return {
    ...rig,
    cancelled,
    changePolicy: (decision) => {
      policy = decision
    },
    decideAs: async (how) => {
      outcome.resolve(how)
      await written()
      await written()
    },
  }
}

export const approved: ApprovalOutcome = { kind: 'approved', by: ['Ada'], send: held.send }

/** Everything that the agent was told on standard error. */
export function said({ agent }: Rig): string {
  return agent.heard
    .splice(0)
    .filter((message) => message[0] === 95)
    .map((message) => message.subarray(13).toString())
    .join('')
}

/** People are asked, and answer with `outcome`. */
export function pendingUntil(
  outcome: Promise<ApprovalOutcome>,
  cancel: (reason: string) => void,
): Approval {
  return {
    kind: 'pending',
    ticket: 'ticket-1',
    link: 'https://bastion.example/approvals/ticket-1',
    waitsFor: 'sre (1 of 1)',
    expiresAt: Date.UTC(2026, 0, 5, 14, 5, 10),
    outcome,
    cancel,
  }
}
