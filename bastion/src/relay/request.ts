import { createReader } from '@sallyport/keys/wire'
import { excerpt } from '../words.ts'
import { channelRequest, sshString, uint32 } from '../ssh/messages.ts'
import { withoutWaiting, type Decision, type DecisionQuestion } from '../decide/index.ts'
import type { Channel } from './channel.ts'
import type { Reply } from './leg.ts'
import type { RelayContext } from './context.ts'
import type { ChannelKind, Terminal } from './roles.ts'

/** Exit status of what a policy denied, as a shell gives for a command that may not be run. */
const STATUS_DENIED = 126

/** Each is kept in the recording, and costs the agent nothing. */
const MAX_RESIZES = 10_000

/** CHANNEL_REQUEST: byte 98, uint32 recipient, string type, boolean want reply, then by type. */
interface ChannelRequest {
  readonly type: string
  readonly body: Buffer
  readonly reply: Reply | undefined
}

/** Requests that change nothing that is judged; they pass as they are. */
const PLAIN_FROM_AGENT = new Set([
  'signal',
  'break',
  'xon-xoff',
  'eow@openssh.com',
  'keepalive@openssh.com',
])

/** A request of the agent (RFC 4254 sections 5.4 and 6). What is not named here is refused. */
export function requestFromAgent(relay: RelayContext, channel: Channel, payload: Buffer): void {
  const request = parse(channel, 'agent', payload)
  const { reply } = request
  if (channel.phase === 'refused' || channel.type !== 'session') return fail(reply)
  if (PLAIN_FROM_AGENT.has(request.type)) return pass(channel, request)
  switch (request.type) {
    case 'env':
      return environment(relay, channel, request)
    case 'pty-req':
      return terminal(relay, channel, request)
    case 'window-change':
      return windowChange(relay, channel, request)
    case 'auth-agent-req@openssh.com':
      return agentForwarding(relay, channel, request)
    case 'x11-req':
      return x11Forwarding(relay, channel, request)
    case 'shell':
    case 'exec':
    case 'subsystem':
      return start(relay, channel, request)
    default:
      relay.options.report('relay.request-refused', { by: 'agent', type: excerpt(request.type) })
      return fail(reply)
  }
}

/**
 * A request of the target: how a command ended, and little else. It is printed anew, so that nothing of the target's
 * passes beside the recording.
 */
export function requestFromTarget(relay: RelayContext, channel: Channel, payload: Buffer): void {
  const { type, body, reply } = parse(channel, 'target', payload)
  if (channel.target.discarding || channel.phase !== 'running') return fail(reply)
  const ending = type === 'exit-status' || type === 'exit-signal'
  if (ending && channel.ended) return relay.violation('the target ended a command twice')
  const passed = ending ? recordedEnding(channel, type, body) : plainOfTarget(type, body)
  if (passed === undefined) {
    relay.options.report('relay.request-refused', { by: 'target', type: excerpt(type) })
    return fail(reply)
  }
  if (ending) channel.ended = true
  channel.down.control(() => {
    const { agent } = channel
    if (reply !== undefined && agent.closeReceived) fail(reply)
    else if (reply !== undefined) agent.expect(reply)
    agent.send(channelRequest(agent.recipient, type, reply !== undefined, passed.body))
  }, passed.mark)
}

interface Passed {
  readonly body: Buffer
  readonly mark: number
}

/** exit-status: uint32. exit-signal: string name, boolean core dumped, string message, string language. */
function recordedEnding(channel: Channel, type: string, body: Buffer): Passed {
  const reader = createReader(body)
  if (type === 'exit-status') {
    const status = reader.u32()
    reader.end()
    return { body: uint32(status), mark: channel.recorder?.exitStatus(status) ?? 0 }
  }
  const signal = reader.text()
  if (!/^[A-Za-z0-9@._-]{1,64}$/.test(signal)) throw new RangeError('a signal without a name')
  const coreDumped = reader.bool()
  channel.recorder?.note({ exitSignal: signal, words: excerpt(reader.string().toString()) })
  const mark = channel.recorder?.exitSignal(signal, coreDumped) ?? 0
  const core = Buffer.of(coreDumped ? 1 : 0)
  return { body: Buffer.concat([sshString(signal), core, sshString(''), sshString('')]), mark }
}

function plainOfTarget(type: string, body: Buffer): Passed | undefined {
  switch (type) {
    case 'eow@openssh.com':
    case 'keepalive@openssh.com':
      return { body: Buffer.alloc(0), mark: 0 }
    case 'xon-xoff':
      return { body: Buffer.of(createReader(body).bool() ? 1 : 0), mark: 0 }
    default:
      return undefined
  }
}

function environment(relay: RelayContext, channel: Channel, request: ChannelRequest): void {
  const reader = createReader(request.body)
  const name = reader.text()
  const value = reader.text()
  reader.end()
  if (channel.phase !== 'undecided') return fail(request.reply)
  const decision = withoutWaiting(relay.options.decide({ kind: 'env', name, value }))
  if (decision.effect === 'allow') return pass(channel, request)
  relay.options.report('relay.env-refused', { name: excerpt(name), rule: decision.rule })
  fail(request.reply)
}

/** pty-req: string TERM, uint32 columns, rows, width and height in pixels, string encoded modes. */
function terminal(relay: RelayContext, channel: Channel, request: ChannelRequest): void {
  if (channel.phase !== 'undecided' || channel.terminal !== undefined) return fail(request.reply)
  const reader = createReader(request.body)
  const requested: Terminal = { type: reader.text(), cols: reader.u32(), rows: reader.u32() }
  if (!relay.options.permits.pty) {
    relay.options.report('relay.request-refused', {
      by: 'agent',
      type: 'pty-req',
      reason: 'the certificate has no permit-pty',
    })
    return fail(request.reply)
  }
  channel.terminal = requested
  pass(channel, request)
}

function windowChange(relay: RelayContext, channel: Channel, request: ChannelRequest): void {
  if (channel.terminal === undefined) return fail(request.reply)
  channel.resizes += 1
  if (channel.resizes > MAX_RESIZES) return relay.violation('too many changes of the window')
  const reader = createReader(request.body)
  const cols = reader.u32()
  const rows = reader.u32()
  channel.terminal = { ...channel.terminal, cols, rows }
  channel.recorder?.resize(cols, rows)
  pass(channel, request)
}

function agentForwarding(relay: RelayContext, channel: Channel, request: ChannelRequest): void {
  const { forwards } = relay
  if (
    !allowed(
      relay,
      { kind: 'agent' },
      relay.options.permits.agentForwarding,
      'permit-agent-forwarding',
    )
  ) {
    return fail(request.reply)
  }
  relay.options.recorder.event('forward.decided', { kind: 'agent' })
  forwards.agent = true
  pass(channel, request)
}

function x11Forwarding(relay: RelayContext, channel: Channel, request: ChannelRequest): void {
  const { forwards } = relay
  if (
    !allowed(relay, { kind: 'x11' }, relay.options.permits.x11Forwarding, 'permit-X11-forwarding')
  ) {
    return fail(request.reply)
  }
  relay.options.recorder.event('forward.decided', { kind: 'x11' })
  forwards.x11 = true
  pass(channel, request)
}

function allowed(
  relay: RelayContext,
  ask: DecisionQuestion,
  permitted: boolean,
  extension: string,
): boolean {
  const { decide, report } = relay.options
  if (!permitted) {
    report('relay.forward-refused', {
      kind: ask.kind,
      reason: `the certificate has no ${extension}`,
    })
    return false
  }
  const decision = withoutWaiting(decide(ask))
  if (decision.effect === 'allow') return true
  report('relay.forward-refused', { kind: ask.kind, rule: decision.rule, reason: decision.reason })
  return false
}

/** shell, exec or subsystem: judged, then recorded, and only then sent on. One per channel. */
function start(relay: RelayContext, channel: Channel, request: ChannelRequest): void {
  if (channel.phase !== 'undecided' || channel.recorder !== undefined) return fail(request.reply)
  const { ask, title, command } = asked(channel, request)
  const decision = relay.options.decide(ask)
  channel.recorder = relay.options.recorder.openChannel({
    kind: ask.kind as ChannelKind,
    title,
    ...(command === undefined ? {} : { command }),
    ...(channel.terminal === undefined ? {} : { terminal: channel.terminal }),
    written: (mark) => channel.written(mark),
  })
  if (decision.effect === 'approve') {
    return channel.refuse(
      `sallyport: denied by rule ${decision.rule}: nobody can be asked for approval here`,
      STATUS_DENIED,
    )
  }
  const mark = channel.recorder.decision(decision)
  if (decision.effect === 'deny') {
    return channel.refuse(
      `sallyport: denied by rule ${decision.rule}: ${decision.message}`,
      STATUS_DENIED,
    )
  }
  const body = sentBody(ask, request.body, decision)
  channel.asked = { question: ask, approved: false }
  channel.forwardToTarget(request.type, body, request.reply, mark)
  channel.start()
}

function asked(
  channel: Channel,
  { type, body }: ChannelRequest,
): { readonly ask: DecisionQuestion; readonly title: string; readonly command?: string } {
  if (type === 'shell') {
    return { ask: { kind: 'shell', pty: channel.terminal !== undefined }, title: 'shell' }
  }
  const reader = createReader(body)
  if (type === 'subsystem') {
    const name = reader.text()
    reader.end()
    return { ask: { kind: 'subsystem', name }, title: `subsystem ${name}` }
  }
  const command = reader.string()
  reader.end()
  const text = command.toString()
  return { ask: { kind: 'exec', command }, title: text, command: text }
}

/** What the target gets: of a command, the text that the decision printed, never the agent's own. */
function sentBody(
  ask: DecisionQuestion,
  body: Buffer,
  decision: Decision & { effect: 'allow' },
): Buffer {
  if (ask.kind !== 'exec') return body
  if (decision.send === undefined)
    throw new TypeError('a command was allowed without a text to send')
  return sshString(decision.send)
}

/**
 * Sends a request on as it is. Before the start it keeps its place in line; after it a signal must not wait behind
 * standard input that nobody reads.
 */
function pass(channel: Channel, { type, body, reply }: ChannelRequest): void {
  if (channel.phase === 'running') channel.forwardPastQueue(type, body, reply)
  else channel.forwardToTarget(type, body, reply)
}

function fail(reply: Reply | undefined): void {
  if (reply !== undefined) reply.to.settle(reply, false)
}

function parse(channel: Channel, who: 'agent' | 'target', payload: Buffer): ChannelRequest {
  const reader = createReader(payload)
  reader.u8()
  reader.u32()
  const type = reader.text()
  const wantReply = reader.bool()
  return {
    type,
    body: Buffer.from(reader.rest()),
    reply: wantReply ? channel[who].owe() : undefined,
  }
}
