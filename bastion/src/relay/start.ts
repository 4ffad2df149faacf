import type { Channel } from './channel.ts'
import { fail, type ChannelRequest } from './channel-request.ts'
import type { RelayContext } from './context.ts'
import { hold } from './hold.ts'
import { refuse } from './refuse.ts'
import type { ChannelKind } from './roles.ts'
import { readStart, startBody } from './start-request.ts'

/** shell, exec or subsystem: judged, then recorded, and only then sent on. One per channel. */
export function start(relay: RelayContext, channel: Channel, request: ChannelRequest): void {
  if (channel.phase !== 'undecided') return fail(request.reply)
  const asked = readStart(channel, request)
  const { ask, title, command } = asked
  const decision = relay.options.decide(ask)
  channel.recorder = relay.options.recorder.openChannel({
    kind: ask.kind as ChannelKind,
    title,
    ...(command === undefined ? {} : { command }),
    ...(channel.terminal === undefined ? {} : { terminal: channel.terminal }),
    written: (mark) => channel.written(mark),
  })
  switch (decision.effect) {
    case 'deny':
      return refuse(channel, decision, { message: decision.message })
    case 'approve':
      return hold(relay, channel, asked, decision)
    case 'allow':
      if (decision.shell === 'guarded') {
        const message = 'there is no guarded shell here'
        return refuse(channel, { ...decision, effect: 'deny' }, { message })
      }
      relay.ran(title)
      channel.forwardToTarget(
        request.type,
        startBody(asked, decision),
        request.reply,
        channel.recorder.decision(decision),
      )
      return channel.start()
  }
}
