import { createReader } from '@sallyport/keys/wire'
import { sshString } from '../ssh/messages.ts'
import type { Decision, DecisionQuestion } from '../decide/index.ts'
import type { Channel } from './channel.ts'
import type { Reply } from './leg.ts'
import type { RelayContext } from './context.ts'
import type { ChannelKind, Terminal } from './roles.ts'

/** Exit status of what a policy denied, as a shell gives for a command that may not be run. */
const STATUS_DENIED = 126

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
const PLAIN_FROM_TARGET = new Set(['xon-xoff', 'eow@openssh.com', 'keepalive@openssh.com'])

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
      return windowChange(channel, request)
    case 'auth-agent-req@openssh.com':
      return agentForwarding(relay, channel, request)
    case 'x11-req':
      return x11Forwarding(relay, channel, request)
    case 'shell':
    case 'exec':
    case 'subsystem':
      return start(relay, channel, request)
    default:
      relay.options.report('relay.request-refused', { by: 'agent', type: request.type })
      return fail(reply)
  }
}

/** A request of the target: how a command ended, and little else. */
export function requestFromTarget(relay: RelayContext, channel: Channel, payload: Buffer): void {
  const { type, body, reply } = parse(channel, 'target', payload)
  if (channel.target.discarding || channel.phase !== 'running') return fail(reply)
  const mark = ending(channel, type, body)
  if (mark === undefined && !PLAIN_FROM_TARGET.has(type)) {
    relay.options.report('relay.request-refused', { by: 'target', type })
    return fail(reply)
  }
  const copy = Buffer.from(payload)
  channel.down.control(() => {
    const { agent } = channel
    if (reply !== undefined && agent.closeReceived) fail(reply)
    else if (reply !== undefined) agent.expect(reply)
    copy.writeUInt32BE(agent.recipient, 1)
    agent.send(copy)
  }, mark)
}

/** Records exit-status and exit-signal; undefined for anything else. */
function ending(channel: Channel, type: string, body: Buffer): number | undefined {
  const reader = createReader(body)
  if (type === 'exit-status') return channel.recorder?.exitStatus(reader.u32())
  if (type === 'exit-signal') return channel.recorder?.exitSignal(reader.text(), reader.bool())
  return undefined
}

function environment(relay: RelayContext, channel: Channel, request: ChannelRequest): void {
  const reader = createReader(request.body)
  const name = reader.text()
  const value = reader.text()
  reader.end()
  if (channel.phase !== 'undecided') return fail(request.reply)
  const decision = relay.options.decide({ kind: 'env', name, value })
  if (decision.effect === 'allow') return pass(channel, request)
  relay.options.report('relay.env-refused', { name, rule: decision.rule })
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

function windowChange(channel: Channel, request: ChannelRequest): void {
  if (channel.terminal === undefined) return fail(request.reply)
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
  const decision = decide(ask)
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
    written: (mark) => {
      channel.up.release(mark)
      channel.down.release(mark)
    },
  })
  const mark = channel.recorder.decision(decision)
  if (decision.effect === 'deny') {
    return channel.refuse(
      `sallyport: denied by rule ${decision.rule}: ${decision.message}`,
      STATUS_DENIED,
    )
  }
  const body = sentBody(ask, request.body, decision)
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
