import type { Allowed } from '../decide/index.ts'
import type { Channel } from './channel.ts'
import type { RelayContext } from './context.ts'
import { filterFiles } from './file-filter.ts'
import { runGuardedShell } from './guarded-shell.ts'
import { recordDecision } from './record-decision.ts'
import { startBody, type StartRequest } from './start-request.ts'

/** Starts what was allowed at once. */
export function go(
  relay: RelayContext,
  channel: Channel,
  asked: StartRequest,
  decision: Allowed,
): void {
  const mark = recordDecision(relay, channel, decision, asked.title)
  channel.asked = { question: asked.ask, approved: false }
  relay.ran(asked.title)
  if (decision.shell === 'guarded') return goGuarded(relay, channel)
  if (decision.files === true) filterFiles(relay, channel)
  const { type, reply } = asked.request
  channel.forwardToTarget(type, startBody(asked, decision), reply, mark)
  channel.start()
}

/** Starts what was held and then approved. */
export function goHeld(
  relay: RelayContext,
  channel: Channel,
  asked: StartRequest,
  decision: Allowed,
  grant?: string,
): void {
  const mark = recordDecision(relay, channel, decision, asked.title)
  channel.asked = { question: asked.ask, approved: true, grant }
  relay.ran(asked.title)
  if (decision.shell !== 'guarded') {
    return channel.startHeld(asked.request, startBody(asked, decision), mark)
  }
  goGuarded(relay, channel)
}

/** The terminal that was asked for, and the start itself, are answered by us: no target has a part in them. */
function goGuarded(relay: RelayContext, channel: Channel): void {
  const { agent, up } = channel
  agent.settleAll(true)
  const early = up.takeWaiting()
  up.blocked = false
  runGuardedShell(relay, channel)
  for (const bytes of early) channel.program?.input(bytes)
  if (agent.eofReceived) channel.program?.endOfInput()
}
