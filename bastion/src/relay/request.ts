import { createReader } from '@sallyport/keys/wire'
import { excerpt } from '../words.ts'
import { channelRequest, sshString, uint32 } from '../ssh/messages.ts'
import { reservedRules, withoutWaiting, type DecisionQuestion } from '../decide/index.ts'
import type { Channel } from './channel.ts'
import { fail, parseRequest, succeed, type ChannelRequest } from './channel-request.ts'
import type { RelayContext } from './context.ts'
import type { Terminal } from './roles.ts'
import { start } from './start.ts'

/** People who decide on a command are shown all of its variables, so they must be few enough to be read. */
const MAX_VARIABLES = 64

/** Each is kept in the recording, and costs the agent nothing. */
const MAX_RESIZES = 10_000

/** A variable for us, which no target gets to see: an agent that sets it to 1 reads refusals as JSON, too. */
const JSON_VARIABLE = 'SALLYPORT_JSON'

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
  const request = parseRequest(channel.agent, payload)
  const { reply } = request
  if (channel.phase === 'refused' || channel.type !== 'session') return fail(reply)
  if (channel.program !== undefined) return requestToProgram(relay, channel, request)
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

/** A request of the agent for a program of ours: its terminal's size, and signals (RFC 4254 sections 6.7 and 6.9). */
function requestToProgram(relay: RelayContext, channel: Channel, request: ChannelRequest): void {
  const { type, body, reply } = request
  switch (type) {
    case 'window-change':
      if (!resize(relay, channel, body)) return fail(reply)
      channel.program?.resize(channel.terminal?.cols ?? 0, channel.terminal?.rows ?? 0)
      return succeed(reply)
    case 'signal':
      channel.program?.signal(createReader(body).text())
      return succeed(reply)
    case 'keepalive@openssh.com':
    case 'eow@openssh.com':
      return succeed(reply)
    default:
      return fail(reply)
  }
}

/**
 * A request of the target: how a command ended, and little else. It is printed anew, so that nothing of the target's
 * passes beside the recording.
 */
export function requestFromTarget(relay: RelayContext, channel: Channel, payload: Buffer): void {
  const { type, body, reply } = parseRequest(channel.target, payload)
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
  if (name === JSON_VARIABLE) {
    channel.wantsJson = value === '1'
    return succeed(request.reply)
  }
  const decision = withoutWaiting(relay.options.decide({ kind: 'env', name, value }))
  if (decision.effect === 'deny' || channel.variables.size >= MAX_VARIABLES) {
    relay.options.report('relay.env-refused', { name: excerpt(name), rule: decision.rule })
    return fail(request.reply)
  }
  // What is only about language and terminal is nothing to decide on.
  if (!reservedRules.includes(decision.rule)) channel.variables.set(name, value)
  pass(channel, request)
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
  if (resize(relay, channel, request.body)) pass(channel, request)
  else fail(request.reply)
}

/** window-change: uint32 columns, rows, and both in pixels. False for a channel without a terminal. */
function resize(relay: RelayContext, channel: Channel, body: Buffer): boolean {
  if (channel.terminal === undefined) return false
  channel.resizes += 1
  if (channel.resizes > MAX_RESIZES) {
    relay.violation('too many changes of the window')
    return false
  }
  const reader = createReader(body)
  const cols = reader.u32()
  const rows = reader.u32()
  channel.terminal = { ...channel.terminal, cols, rows }
  channel.recorder?.resize(cols, rows)
  return true
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

/**
 * Sends a request on as it is. Before the start it keeps its place in line; after it a signal must not wait behind
 * standard input that nobody reads.
 */
function pass(channel: Channel, { type, body, reply }: ChannelRequest): void {
  if (channel.phase === 'running') channel.forwardPastQueue(type, body, reply)
  else channel.forwardToTarget(type, body, reply)
}
