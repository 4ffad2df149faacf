import { strict as assert } from 'node:assert'
import type { Decision, DecisionQuestion } from '@sallyport/bastion/decide'
import { Relay, type Approval, type HeldAsk, type RelayTransport } from '@sallyport/bastion/relay'
import { channelOpen, channelRequest, strings } from '../../support/ssh-messages.ts'

/** One end of a relayed connection that is a list of messages instead of a network. */
export interface RigPeer {
  /** Whole messages that the relay has sent and the test has not looked at. */
  readonly heard: Buffer[]
  readonly transport: RelayTransport
  /** The reason with which the relay ended this end. */
  readonly ended: () => string | undefined
  say(payload: Buffer): void
  /** Takes the next message, which must be of this type. */
  next(type: number): Buffer
}

function rigPeer(): RigPeer {
  const heard: Buffer[] = []
  let listener: (payload: Buffer) => void = () => {}
  let reason: string | undefined
  return {
    heard,
    ended: () => reason,
    say: (payload) => listener(payload),
    next(type) {
      const message = heard.shift()
      assert.equal(message?.[0], type, `message ${type} is due`)
      return message ?? Buffer.alloc(0)
    },
    transport: {
      link: { writableLength: 0, pause: () => {}, resume: () => {} },
      onClose: () => {},
      onDrain: () => {},
      listen: (callback) => {
        listener = callback
      },
      send: (payload) => void heard.push(Buffer.from(payload)),
      sendData: (recipient, dataType, bytes) => {
        const head = Buffer.alloc(dataType === 0 ? 5 : 9)
        head[0] = dataType === 0 ? 94 : 95
        head.writeUInt32BE(recipient, 1)
        if (dataType !== 0) head.writeUInt32BE(dataType, 5)
        heard.push(Buffer.concat([head, strings(bytes)]))
      },
      disconnect: (_reason, description) => {
        reason ??= description
      },
      close: (why) => {
        reason ??= why
      },
    },
  }
}

export interface Rig {
  readonly agent: RigPeer
  readonly target: RigPeer
  readonly relay: Relay
  /** What was recorded, in order, as `name detail`. */
  readonly recorded: string[]
  readonly asked: HeldAsk[]
  readonly reports: string[]
  /** Opens a session at both ends and returns its number at the relay. */
  session(window?: number): number
  /** Sends a request with the wish for an answer. */
  request(channel: number, type: string, rest?: Buffer): void
}

export interface RigOptions {
  readonly decide: (question: DecisionQuestion) => Decision
  readonly ask?: (ask: HeldAsk) => Approval
}

/** Returns a relay between two ends of the test, with a recording that is written as soon as it is asked for. */
export function openRig({ decide, ask }: RigOptions): Rig {
  const agent = rigPeer()
  const target = rigPeer()
  const recorded: string[] = []
  const asked: HeldAsk[] = []
  const reports: string[] = []
  const relay = new Relay({
    agent: agent.transport,
    target: target.transport,
    permits: { pty: true, portForwarding: true, agentForwarding: false, x11Forwarding: false },
    decide,
    place: { login: 'deploy', target: 'web', programs: () => ['id'] },
    askApproval: (held) => {
      asked.push(held)
      return ask?.(held) ?? { kind: 'rejected', message: 'nobody is there' }
    },
    recorder: {
      recordingId: 'recording-1',
      event: (_name, _detail, written) => written?.(),
      onFailure: () => {},
      close: () => {},
      openChannel: (opening) => {
        let mark = 0
        const note = (text: string): number => {
          recorded.push(text)
          mark += 1
          const last = mark
          queueMicrotask(() => opening.written(last))
          return last
        }
        return {
          output: (dataType, bytes) => note(`output ${dataType} ${bytes.toString()}`),
          input: () => {},
          resize: (cols, rows) => note(`resize ${cols}x${rows}`),
          decision: ({ effect, rule }) => note(`decision ${effect} ${rule}`),
          note: () => note('note'),
          marker: (label) => note(`marker ${label}`),
          exitStatus: (status) => note(`exit ${status}`),
          exitSignal: (signal) => note(`signal ${signal}`),
          close: () => {},
        }
      },
    },
    maxChannels: 10,
    report: (event) => void reports.push(event),
  })
  relay.start()
  return {
    agent,
    target,
    relay,
    recorded,
    asked,
    reports,
    session(window = 2 << 20) {
      agent.say(channelOpen('session', Buffer.alloc(0), window))
      const number = confirmAtTarget(target)
      return agent.next(91).readUInt32BE(5) === number ? number : assert.fail('two numbers')
    },
    request: (channel, type, rest) => agent.say(channelRequest(channel, type, true, rest)),
  }
}

/** Confirms the open that is due at the target, and returns the relay's number for the channel. */
export function confirmAtTarget(target: RigPeer): number {
  const open = target.next(90)
  const number = open.readUInt32BE(5 + open.readUInt32BE(1))
  const confirmation = Buffer.alloc(17)
  confirmation[0] = 91
  for (const [at, value] of [number, number + 100, 1 << 20, 32_768].entries()) {
    confirmation.writeUInt32BE(value, 1 + 4 * at)
  }
  target.say(confirmation)
  return number
}

/** Lets everything run that waits for the recording. */
export function written(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
