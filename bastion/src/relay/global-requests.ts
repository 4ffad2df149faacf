import { createReader } from '@sallyport/keys/wire'
import { withoutWaiting, type DecisionQuestion } from '../decide/index.ts'
import { excerpt } from '../words.ts'
import { message, MSG, sshString, uint32 } from '../ssh/messages.ts'
import type { RelayContext, RelayTransport } from './context.ts'

/** A reply to a global request; unlike those of channels it may carry data (RFC 4254 section 4). */
interface GlobalReply {
  payload: Buffer | undefined
}

/** What is known about a request that the other peer must answer. */
interface Expected {
  readonly reply: GlobalReply | undefined
  readonly settled: Settled | undefined
}

/** Told how a request ended; returns the data of the answer that is passed on, if it has any. */
type Settled = (success: boolean, answer: Buffer) => Buffer | undefined

/** A request that is to be sent on. */
interface Request {
  readonly type: string
  readonly body?: Buffer
  readonly reply: GlobalReply | undefined
  readonly settled?: Settled
}

/** Answers that one peer may be owed; who asks more without hearing is not serious. */
const MAX_OWED = 1000

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
        return this.#forward('target', { type, reply })
      case 'no-more-sessions@openssh.com':
        // Kept here: at the target it would close the door on commands of our own, such as those of a guarded shell.
        this.#relay.noMoreSessions = true
        return this.#succeed('agent', reply)
      case 'tcpip-forward':
      case 'cancel-tcpip-forward': {
        const host = reader.text()
        const port = reader.u32()
        if (port > 65535) return this.#refuse('agent', reply)
        const body = Buffer.concat([sshString(host), uint32(port)])
        if (type === 'tcpip-forward') return this.#listen(host, port, { type, body, reply })
        if (!this.#relay.forwards.removeTcp(host, port)) return this.#refuse('agent', reply)
        return this.#forward('target', { type, body, reply })
      }
      case 'streamlocal-forward@openssh.com': {
        const path = reader.text()
        const settled = (success: boolean): undefined => {
          if (success) this.#relay.forwards.addPath(path)
        }
        return this.#ifAllowed({ kind: 'streamlocal-forward', path }, reply, () => {
          this.#forward('target', { type, body: sshString(path), reply, settled })
        })
      }
      case 'cancel-streamlocal-forward@openssh.com': {
        const path = reader.text()
        if (!this.#relay.forwards.removePath(path)) return this.#refuse('agent', reply)
        return this.#forward('target', { type, body: sshString(path), reply })
      }
      default:
        this.#relay.options.report('relay.global-refused', { by: 'agent', type: excerpt(type) })
        return this.#refuse('agent', reply)
    }
  }

  fromTarget(payload: Buffer): void {
    const reader = createReader(payload)
    reader.u8()
    const type = reader.text()
    const reply = reader.bool() ? this.#owe('target') : undefined
    if (type === 'keepalive@openssh.com') return this.#forward('agent', { type, reply })
    if (type === 'hostkeys-00@openssh.com') this.#askForProof(reader.rest())
    else this.#relay.options.report('relay.global-refused', { by: 'target', type: excerpt(type) })
    this.#refuse('target', reply)
  }

  /** A peer answered its oldest open request. */
  answered(who: 'agent' | 'target', payload: Buffer): void {
    const expected = this.#expected[who].shift()
    if (expected === undefined) {
      return this.#relay.violation(`the ${who} answered a global request that nobody made`)
    }
    const success = payload[0] === MSG.REQUEST_SUCCESS
    const answer = expected.settled?.(success, payload) ?? Buffer.alloc(0)
    if (expected.reply === undefined) return
    expected.reply.payload = success ? message(MSG.REQUEST_SUCCESS, answer) : FAILURE
    this.#flush(who === 'agent' ? 'target' : 'agent')
  }

  /** OpenSSH's PROTOCOL section 2.5: what the target offers is worth nothing until it has signed for it. */
  #askForProof(offer: Buffer): void {
    const update = this.#relay.options.hostKeyUpdate
    const body = update?.offered(offer)
    if (update === undefined || body === undefined) return
    const settled = (success: boolean, answer: Buffer): undefined => {
      update.answered(success ? answer.subarray(1) : undefined)
    }
    this.#forward('target', {
      type: 'hostkeys-prove-00@openssh.com',
      body,
      reply: undefined,
      settled,
    })
  }

  /** With port 0 the target chooses one, and its answer says which: the only answer that carries data. */
  #listen(host: string, port: number, request: Request): void {
    this.#ifAllowed({ kind: 'tcpip-forward', host, port }, request.reply, () => {
      this.#forward('target', {
        ...request,
        settled: (success, answer) => {
          if (!success) return undefined
          const bound = port === 0 ? answer.readUInt32BE(1) : port
          this.#relay.forwards.addTcp(host, bound, port)
          return port === 0 ? uint32(bound) : undefined
        },
      })
    })
  }

  /** Runs `then` when the policy allows it, and the recording says so. */
  #ifAllowed(question: DecisionQuestion, reply: GlobalReply | undefined, then: () => void): void {
    const { decide, permits, recorder, report } = this.#relay.options
    const { kind } = question
    if (!permits.portForwarding) {
      const reason = 'the certificate has no permit-port-forwarding'
      report('relay.forward-refused', { kind, reason })
      return this.#refuse('agent', reply)
    }
    const decision = withoutWaiting(decide(question))
    const { effect, rule, reason } = decision
    const event = { ...question, effect, rule }
    if (effect === 'allow') return recorder.event('forward.decided', event, then)
    recorder.event('forward.decided', event)
    report('relay.forward-refused', { kind, rule, reason })
    this.#refuse('agent', reply)
  }

  #owe(who: 'agent' | 'target'): GlobalReply {
    const reply: GlobalReply = { payload: undefined }
    this.#owed[who].push(reply)
    if (this.#owed[who].length > MAX_OWED)
      throw new RangeError('too many requests without an answer')
    return reply
  }

  /** Sends a request on, printed anew. */
  #forward(to: 'agent' | 'target', request: Request): void {
    const { type, body = Buffer.alloc(0), reply, settled } = request
    const asked = reply !== undefined || settled !== undefined
    if (asked) this.#expected[to].push({ reply, settled })
    const wantReply = Buffer.of(asked ? 1 : 0)
    this.#transport(to).send(message(MSG.GLOBAL_REQUEST, sshString(type), wantReply, body))
  }

  #succeed(who: 'agent' | 'target', reply: GlobalReply | undefined): void {
    if (reply === undefined) return
    reply.payload = message(MSG.REQUEST_SUCCESS)
    this.#flush(who)
  }

  #refuse(who: 'agent' | 'target', reply: GlobalReply | undefined): void {
    if (reply === undefined) return
    reply.payload = FAILURE
    this.#flush(who)
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

  #transport(who: 'agent' | 'target'): RelayTransport {
    return this.#relay.options[who]
  }
}
