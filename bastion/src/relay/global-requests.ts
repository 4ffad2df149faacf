import { createReader } from '@sallyport/keys/wire'
import type { DecisionQuestion } from '../decide/index.ts'
import { message, MSG } from '../ssh/messages.ts'
import type { Transport } from '../ssh/transport.ts'
import type { RelayContext } from './context.ts'

/** A reply to a global request; unlike those of channels it may carry data (RFC 4254 section 4). */
interface GlobalReply {
  payload: Buffer | undefined
}

/** What is known about a request that the other peer must answer. */
interface Expected {
  readonly reply: GlobalReply | undefined
  readonly settled: ((success: boolean, answer: Buffer) => void) | undefined
}

const FAILURE = message(MSG.REQUEST_FAILURE)

/**
 * Global requests (RFC 4254 section 4), which have no channel and whose replies come in the order of the requests. What
 * is not named here is refused; a target's offer of other host keys never reaches an agent.
 */
export class GlobalRequests {
  readonly #relay: RelayContext
  readonly #owed: Record<'agent' | 'target', GlobalReply[]> = { agent: [], target: [] }
  readonly #expected: Record<'agent' | 'target', Expected[]> = { agent: [], target: [] }

  constructor(relay: RelayContext) {
    this.#relay = relay
  }

  fromAgent(payload: Buffer): void {
    const reader = createReader(payload)
    reader.u8()
    const type = reader.text()
    const reply = reader.bool() ? this.#owe('agent') : undefined
    switch (type) {
      case 'keepalive@openssh.com':
      case 'no-more-sessions@openssh.com':
        return this.#forward('target', payload, reply)
      case 'tcpip-forward': {
        const ask: DecisionQuestion = {
          kind: 'tcpip-forward',
          host: reader.text(),
          port: reader.u32(),
        }
        if (!this.#allowed(ask)) return this.#refuse('agent', reply)
        return this.#forward('target', payload, reply, (success, answer) => {
          if (success)
            this.#relay.forwards.addTcp(
              ask.host,
              ask.port === 0 ? answer.readUInt32BE(1) : ask.port,
            )
        })
      }
      case 'cancel-tcpip-forward': {
        const host = reader.text()
        if (!this.#relay.forwards.removeTcp(host, reader.u32())) return this.#refuse('agent', reply)
        return this.#forward('target', payload, reply)
      }
      case 'streamlocal-forward@openssh.com': {
        const ask: DecisionQuestion = { kind: 'streamlocal-forward', path: reader.text() }
        if (!this.#allowed(ask)) return this.#refuse('agent', reply)
        return this.#forward('target', payload, reply, (success) => {
          if (success) this.#relay.forwards.addPath(ask.path)
        })
      }
      case 'cancel-streamlocal-forward@openssh.com':
        if (!this.#relay.forwards.removePath(reader.text())) return this.#refuse('agent', reply)
        return this.#forward('target', payload, reply)
      default:
        this.#relay.options.report('relay.global-refused', { by: 'agent', type })
        return this.#refuse('agent', reply)
    }
  }

  fromTarget(payload: Buffer): void {
    const reader = createReader(payload)
    reader.u8()
    const type = reader.text()
    const reply = reader.bool() ? this.#owe('target') : undefined
    if (type === 'keepalive@openssh.com') return this.#forward('agent', payload, reply)
    if (type !== 'hostkeys-00@openssh.com') {
      this.#relay.options.report('relay.global-refused', { by: 'target', type })
    }
    this.#refuse('target', reply)
  }

  answeredByAgent(payload: Buffer): void {
    this.#answered('agent', payload)
  }

  answeredByTarget(payload: Buffer): void {
    this.#answered('target', payload)
  }

  #allowed(ask: DecisionQuestion): boolean {
    const { decide, permits, recorder, report } = this.#relay.options
    if (!permits.portForwarding) {
      const reason = 'the certificate has no permit-port-forwarding'
      report('relay.forward-refused', { kind: ask.kind, reason })
      return false
    }
    const decision = decide(ask)
    recorder.event('forward.decided', { ...ask, effect: decision.effect, rule: decision.rule })
    if (decision.effect === 'allow') return true
    report('relay.forward-refused', {
      kind: ask.kind,
      rule: decision.rule,
      reason: decision.reason,
    })
    return false
  }

  #owe(who: 'agent' | 'target'): GlobalReply {
    const reply: GlobalReply = { payload: undefined }
    this.#owed[who].push(reply)
    return reply
  }

  #forward(
    to: 'agent' | 'target',
    payload: Buffer,
    reply: GlobalReply | undefined,
    settled?: Expected['settled'],
  ): void {
    const asked = reply !== undefined || settled !== undefined
    if (asked) this.#expected[to].push({ reply, settled })
    this.#transport(to).send(asked && reply === undefined ? wantingReply(payload) : payload)
  }

  #refuse(who: 'agent' | 'target', reply: GlobalReply | undefined): void {
    if (reply === undefined) return
    reply.payload = FAILURE
    this.#flush(who)
  }

  #answered(who: 'agent' | 'target', payload: Buffer): void {
    const expected = this.#expected[who].shift()
    if (expected === undefined) {
      return this.#relay.violation(`the ${who} answered a global request that nobody made`)
    }
    expected.settled?.(payload[0] === MSG.REQUEST_SUCCESS, payload)
    if (expected.reply === undefined) return
    expected.reply.payload = Buffer.from(payload)
    this.#flush(who === 'agent' ? 'target' : 'agent')
  }

  #flush(who: 'agent' | 'target'): void {
    const owed = this.#owed[who]
    for (;;) {
      const payload = owed[0]?.payload
      if (payload === undefined) return
      owed.shift()
      this.#transport(who).send(payload)
    }
  }

  #transport(who: 'agent' | 'target'): Transport {
    return this.#relay.options[who]
  }
}

/** The same request, with the reply that we need to know what became of it. */
function wantingReply(payload: Buffer): Buffer {
  const copy = Buffer.from(payload)
  copy[5 + copy.readUInt32BE(1)] = 1
  return copy
}
