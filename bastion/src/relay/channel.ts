import {
  channelRequest,
  EXTENDED_DATA_STDERR,
  message,
  MSG,
  sshString,
  uint32,
} from '../ssh/messages.ts'
import type { Transport } from '../ssh/transport.ts'
import type { Asked } from './asked.ts'
import { Half, HALF_CAP, MAX_PACKET } from './half.ts'
import { Leg, type Reply } from './leg.ts'
import type { ChannelRecorder, Terminal } from './roles.ts'

/** What an agent may send before its start request is decided on. */
const UNDECIDED_CAP = 8 << 10
/** Window that is kept free for our own words on standard error. */
const NOTICE_RESERVE = 4 << 10

/**
 * One channel between two peers. Both address us by the same `number`; each leg knows its peer's. `up` goes to the
 * target, `down` to the agent.
 *
 * A session channel is `undecided` until its one start request (shell, exec, subsystem) was judged; a forwarded channel
 * is judged when it opens.
 */
export class Channel {
  readonly number: number
  readonly type: string
  readonly agent: Leg
  readonly target: Leg
  readonly up: Half
  readonly down: Half
  phase: 'undecided' | 'running' | 'refused'
  recorder: ChannelRecorder | undefined
  terminal: Terminal | undefined
  /** Why it runs; undefined until it does. */
  asked: Asked | undefined
  /** Changes of the terminal's size so far. */
  resizes = 0
  /** Set when the target has said how the command ended. */
  ended = false
  #started = false
  /** What waits for the recording, in the order of the marks. */
  #waiting: { readonly mark: number; readonly run: () => void }[] = []

  constructor(number: number, type: string, agent: Transport, target: Transport) {
    this.number = number
    this.type = type
    this.agent = new Leg(agent)
    this.target = new Leg(target)
    const session = type === 'session'
    this.phase = session ? 'undecided' : 'running'
    this.up = new Half(this.agent, this.target, session ? UNDECIDED_CAP : HALF_CAP)
    this.down = new Half(this.target, this.agent)
  }

  get gone(): boolean {
    return this.agent.gone && this.target.gone && this.target.state !== 'opening'
  }

  /** The recording holds everything up to `mark`: what waited for it goes on. */
  written(mark: number): void {
    while (this.#waiting[0] !== undefined && this.#waiting[0].mark <= mark) {
      this.#waiting.shift()?.run()
    }
    this.up.release(mark)
    this.down.release(mark)
  }

  /** Runs `run` once the recording holds everything up to `mark`. */
  whenWritten(mark: number, run: () => void): void {
    this.#waiting.push({ mark, run })
  }

  /** Says something on the agent's standard error, recorded like all that it sees. */
  notice(text: string): void {
    const line = Buffer.from(this.terminal === undefined ? `${text}\n` : `${text}\r\n`)
    const mark = this.recorder?.output(EXTENDED_DATA_STDERR, line) ?? 0
    this.down.notice(EXTENDED_DATA_STDERR, line, mark)
  }

  /** Keeps room for notices in what the agent's window allows. */
  keepReserve(): void {
    this.down.reserve = Math.min(NOTICE_RESERVE, this.down.window >> 2)
  }

  /** Opens the channel at the target with the window that the agent's own allows. */
  openAtTarget(body: Buffer): void {
    const { down } = this
    down.credit = Math.max(0, Math.min(down.window - down.reserve, down.cap))
    this.target.state = 'opening'
    this.target.transport.send(this.#open(down.credit, body))
  }

  /** Opens the channel at the agent, on the target's wish. */
  openAtAgent(body: Buffer): void {
    const { up } = this
    up.credit = Math.min(up.window, up.cap)
    this.agent.state = 'opening'
    this.agent.transport.send(this.#open(up.credit, body))
  }

  /** Sends a request on to the target, behind what is queued; its answer settles `reply`. */
  forwardToTarget(type: string, body: Buffer, reply: Reply | undefined, mark = 0): void {
    this.up.control(() => {
      this.#request(type, body, reply)
      if (mark > 0) this.#started = true
    }, mark)
  }

  /** Sends a request on at once when the start request has gone, else in line behind it. */
  forwardPastQueue(type: string, body: Buffer, reply: Reply | undefined): void {
    if (this.#started) this.#request(type, body, reply)
    else this.forwardToTarget(type, body, reply)
  }

  /** The start request was allowed: the agent may send in full. */
  start(): void {
    this.phase = 'running'
    this.up.cap = HALF_CAP
    this.up.grant()
  }

  /** Ends a session that may not start, or may not go on: our words, an exit status, and both ends closed. */
  refuse(text: string, status: number): void {
    this.phase = 'refused'
    this.up.drop()
    this.target.discarding = true
    this.target.close()
    this.agent.settleAll(true)
    this.notice(text)
    const mark = this.recorder?.exitStatus(status) ?? 0
    this.down.control(() => {
      this.agent.send(channelRequest(this.agent.recipient, 'exit-status', false, uint32(status)))
      this.agent.sendEof()
      this.agent.close()
    }, mark)
  }

  #request(type: string, body: Buffer, reply: Reply | undefined): void {
    if (!this.target.mayReceive) {
      if (reply !== undefined) this.agent.settle(reply, false)
      return
    }
    if (reply !== undefined) this.target.expect(reply)
    this.target.send(channelRequest(this.target.recipient, type, reply !== undefined, body))
  }

  #open(window: number, body: Buffer): Buffer {
    return message(
      MSG.CHANNEL_OPEN,
      sshString(this.type),
      uint32(this.number, window, MAX_PACKET),
      body,
    )
  }
}
