import { createReader, type WireReader } from '@sallyport/keys/wire'
import { withoutWaiting, type DecisionQuestion } from '../decide/index.ts'
import { message, MIN_PACKET, MSG, openFailure, OPEN_FAILURE, uint32 } from '../ssh/messages.ts'
import { excerpt } from '../words.ts'
import type { Channel } from './channel.ts'
import { MAX_PACKET } from './half.ts'
import type { Leg } from './leg.ts'
import type { RelayContext } from './context.ts'
import type { ChannelKind, ChannelRecorder } from './roles.ts'

/** CHANNEL_OPEN: byte 90, string type, uint32 sender, uint32 window, uint32 maximum packet, then by type. */
interface OpenRequest {
  readonly type: string
  readonly sender: number
  readonly window: number
  readonly maxPacket: number
  readonly body: Buffer
}

/** What a forwarded channel is for, and how lists name it. */
interface ForwardKind {
  readonly kind: ChannelKind
  readonly title: string
  readonly question: DecisionQuestion
}

/** An agent opens a channel: a session, or a forward that is decided on now. */
export function openFromAgent(relay: RelayContext, payload: Buffer): void {
  const request = parseOpen(payload)
  switch (request.type) {
    case 'session': {
      if (relay.noMoreSessions) {
        const reason = 'the agent said that it would open no more sessions'
        return refuse(relay, 'agent', request, OPEN_FAILURE.ADMINISTRATIVELY_PROHIBITED, reason)
      }
      const channel = addChannel(relay, request, 'agent')
      channel.keepReserve()
      return channel.openAtTarget(request.body)
    }
    case 'direct-tcpip': {
      const reader = createReader(request.body)
      const ask: DecisionQuestion = {
        kind: 'direct-tcpip',
        host: reader.text(),
        port: reader.u32(),
      }
      return forwardFromAgent(relay, request, ask, `to ${ask.host}:${ask.port}`)
    }
    case 'direct-streamlocal@openssh.com': {
      const ask: DecisionQuestion = {
        kind: 'direct-streamlocal',
        path: createReader(request.body).text(),
      }
      return forwardFromAgent(relay, request, ask, `to ${ask.path}`)
    }
    default:
      return refuse(
        relay,
        'agent',
        request,
        OPEN_FAILURE.UNKNOWN_CHANNEL_TYPE,
        'no such channel type',
      )
  }
}

/** A target opens a channel: only what was allowed to be forwarded back to this agent. */
export function openFromTarget(relay: RelayContext, payload: Buffer): void {
  const request = parseOpen(payload)
  const forward = expectedOfTarget(relay, request)
  // The policy may have changed since the agent was allowed to ask for it.
  const allowed = forward !== undefined && relay.options.decide(forward.question).effect === 'allow'
  if (!allowed) {
    return refuse(
      relay,
      'target',
      request,
      OPEN_FAILURE.ADMINISTRATIVELY_PROHIBITED,
      'nothing was forwarded that this channel could be for',
    )
  }
  const channel = addChannel(relay, request, 'target')
  const recorder = record(relay, channel, forward)
  const body = Buffer.from(request.body)
  channel.whenWritten(recorder.note({ openedByTarget: forward.title }), () => {
    if (channel.phase === 'running') channel.openAtAgent(body)
  })
}

/** The peer of `leg` has opened its end. */
export function openConfirmed(
  relay: RelayContext,
  channel: Channel,
  leg: Leg,
  payload: Buffer,
): void {
  if (leg.state !== 'opening') return relay.violation('a channel was confirmed that nobody opened')
  const reader = createReader(payload)
  reader.u8()
  reader.u32()
  leg.recipient = reader.u32()
  leg.state = 'open'
  const atTarget = leg === channel.target
  const half = atTarget ? channel.up : channel.down
  const opener = atTarget ? channel.agent : channel.target
  half.window = reader.u32()
  const maxPacket = reader.u32()
  if (maxPacket < MIN_PACKET) return relay.violation('a maximum packet size that is too small')
  half.maxPacket = Math.min(maxPacket, MAX_PACKET)
  if (leg.discarding || opener.closeReceived) {
    leg.discarding = true
    leg.close()
    return relay.release(channel)
  }
  opener.state = 'open'
  half.credit = Math.min(half.cap, half.window)
  opener.send(
    message(
      MSG.CHANNEL_OPEN_CONFIRMATION,
      uint32(opener.recipient, channel.number, half.credit, MAX_PACKET),
    ),
  )
  channel.up.pump()
  channel.down.pump()
}

/** The peer of `leg` would not open its end. Its words go to the recording; the opener hears the reason in ours. */
export function openFailed(relay: RelayContext, channel: Channel, leg: Leg, payload: Buffer): void {
  if (leg.state !== 'opening') return relay.violation('a channel was refused that nobody opened')
  const reader = createReader(payload)
  reader.u8()
  reader.u32()
  const reason = reader.u32()
  channel.recorder?.note({ openFailed: reason, words: excerpt(reader.string().toString()) })
  leg.state = 'none'
  const opener = leg === channel.target ? channel.agent : channel.target
  if (opener.state === 'opening') {
    opener.state = 'none'
    const who = leg === channel.target ? 'target' : 'agent'
    opener.transport.send(openFailure(opener.recipient, reason, `sallyport: refused by the ${who}`))
  }
  relay.release(channel)
}

function forwardFromAgent(
  relay: RelayContext,
  request: OpenRequest,
  ask: DecisionQuestion,
  title: string,
): void {
  const { permits, decide, recorder } = relay.options
  if (!permits.portForwarding) {
    const reason = 'the certificate has no permit-port-forwarding'
    return refuse(relay, 'agent', request, OPEN_FAILURE.ADMINISTRATIVELY_PROHIBITED, reason)
  }
  const decision = withoutWaiting(decide(ask))
  recorder.event('forward.decided', { title, effect: decision.effect, rule: decision.rule })
  if (decision.effect === 'deny') {
    const reason = `denied by rule ${decision.rule}: ${decision.message}`
    return refuse(relay, 'agent', request, OPEN_FAILURE.ADMINISTRATIVELY_PROHIBITED, reason)
  }
  const channel = addChannel(relay, request, 'agent')
  const cast = record(relay, channel, { kind: 'forward', title, question: ask })
  const body = Buffer.from(request.body)
  channel.whenWritten(cast.decision(decision), () => {
    if (channel.phase === 'running') channel.openAtTarget(body)
  })
}

function expectedOfTarget(
  relay: RelayContext,
  { type, body }: OpenRequest,
): ForwardKind | undefined {
  const reader = createReader(body)
  switch (type) {
    case 'forwarded-tcpip': {
      const host = reader.text()
      const port = reader.u32()
      const known = relay.forwards.tcp(host, port)
      return known && { kind: 'forward', title: `from ${host}:${port}`, question: known.question }
    }
    case 'forwarded-streamlocal@openssh.com': {
      const path = reader.text()
      const known = relay.forwards.path(path)
      return known && { kind: 'forward', title: `from ${path}`, question: known.question }
    }
    case 'auth-agent@openssh.com':
      return relay.forwards.agent
        ? { kind: 'agent', title: 'authentication agent', question: { kind: 'agent' } }
        : undefined
    case 'x11':
      return relay.forwards.x11
        ? { kind: 'x11', title: 'X11', question: { kind: 'x11' } }
        : undefined
    default:
      return undefined
  }
}

function addChannel(
  relay: RelayContext,
  request: OpenRequest,
  opener: 'agent' | 'target',
): Channel {
  const channel = relay.channels.add(request.type)
  const leg = channel[opener]
  leg.recipient = request.sender
  leg.state = 'opening'
  const towardsOpener = opener === 'agent' ? channel.down : channel.up
  towardsOpener.window = request.window
  towardsOpener.maxPacket = Math.min(request.maxPacket, MAX_PACKET)
  return channel
}

function record(
  relay: RelayContext,
  channel: Channel,
  { kind, title, question }: ForwardKind,
): ChannelRecorder {
  channel.asked = { question, approved: false }
  const written = (mark: number): void => channel.written(mark)
  channel.recorder = relay.options.recorder.openChannel({ kind, title, written })
  return channel.recorder
}

function refuse(
  relay: RelayContext,
  who: 'agent' | 'target',
  { type, sender }: OpenRequest,
  code: number,
  reason: string,
): void {
  relay.options.report('relay.open-refused', { by: who, type: excerpt(type), reason })
  relay.options[who].send(openFailure(sender, code, `sallyport: ${reason}`))
}

function parseOpen(payload: Buffer): OpenRequest {
  const reader: WireReader = createReader(payload)
  reader.u8()
  const type = reader.text()
  const sender = reader.u32()
  const window = reader.u32()
  const maxPacket = reader.u32()
  if (maxPacket < MIN_PACKET) throw new RangeError('a maximum packet size that is too small')
  return { type, sender, window, maxPacket, body: reader.rest() }
}
