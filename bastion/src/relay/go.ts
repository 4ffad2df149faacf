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
  const mark = begin(relay, channel, asked, decision, { approved: false })
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
  grant: string | undefined,
): void {
  const mark = begin(relay, channel, asked, decision, { approved: true, grant })
  if (decision.shell === 'guarded') return goGuarded(relay, channel)
  channel.startHeld(asked.request, startBody(asked, decision), mark)
}

function begin(
  relay: RelayContext,
  channel: Channel,
  { ask, title }: StartRequest,
  decision: Allowed,
  how: { readonly approved: boolean; readonly grant?: string | undefined },
): number {
  const { shell, files } = decision
  channel.asked = {
    question: ask,
    ...how,
    ...(shell === undefined ? {} : { shell }),
    ...(files === undefined ? {} : { files }),
  }
  relay.ran(title)
  return recordDecision(relay, channel, decision, title)
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
