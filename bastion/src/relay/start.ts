import type { Channel } from './channel.ts'
import { fail, type ChannelRequest } from './channel-request.ts'
import type { RelayContext } from './context.ts'
import { decideWithVariables } from './decide-with-variables.ts'
import { go } from './go.ts'
import { hold } from './hold.ts'
import { refuse } from './refuse.ts'
import type { ChannelKind } from './roles.ts'
import { readStart } from './start-request.ts'

/** shell, exec or subsystem: judged, then recorded, and only then sent on. One per channel. */
export function start(relay: RelayContext, channel: Channel, request: ChannelRequest): void {
  if (channel.phase !== 'undecided') return fail(request.reply)
  const asked = readStart(channel, request)
  const { ask, title, command } = asked
  const decision = decideWithVariables(relay.options.decide, channel, ask)
  channel.recorder = relay.options.recorder.openChannel({
    kind: ask.kind as ChannelKind,
    title,
    ...(command === undefined ? {} : { command }),
    ...(channel.terminal === undefined ? {} : { terminal: channel.terminal }),
    written: (mark) => channel.written(mark),
  })
  switch (decision.effect) {
    case 'deny':
      return refuse(relay, channel, title, decision, { message: decision.message })
    case 'approve':
      return hold(relay, channel, asked, decision)
    case 'allow':
      return go(relay, channel, asked, decision)
  }
}
