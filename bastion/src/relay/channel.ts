import type { FileFilter } from './file-filter.ts'
import {
  channelRequest,
  EXTENDED_DATA_STDERR,
  message,
  MSG,
  sshString,
  uint32,
} from '../ssh/messages.ts'
import type { Asked } from './asked.ts'
import { Half, HALF_CAP, MAX_PACKET } from './half.ts'
import { Leg, type PeerTransport, type Reply } from './leg.ts'
import type { ChannelRequest } from './channel-request.ts'
import type { ChannelRecorder, Program, Terminal } from './roles.ts'

/** What an agent may send before its start request is decided on. */
const UNDECIDED_CAP = 8 << 10
/** Window that is kept free for our own words on standard error. */
const NOTICE_RESERVE = 4 << 10

/**
 * One channel between two peers. Both address us by the same `number`; each leg knows its peer's. `up` goes to the
 * target, `down` to the agent.
 *
 * A session channel is `undecided` until its one start request (shell, exec, subsystem) was judged, and `held` while
 * people decide on it; a forwarded channel is judged when it opens.
 */
export class Channel {
  readonly number: number
  readonly type: string
  readonly agent: Leg
  readonly target: Leg
  readonly up: Half
  readonly down: Half
  phase: 'undecided' | 'held' | 'running' | 'refused'
  recorder: ChannelRecorder | undefined
  /** What runs in the target's place, if the channel does not go there. */
  program: Program | undefined
  /** What judges the files of an sftp channel. */
  filter: FileFilter | undefined
  terminal: Terminal | undefined
  /** What the agent has set for the session by leave of a rule, by name. */
  readonly variables: Map<string, string> = new Map<string, string>()
  /** Whether the agent wants to read refusals as JSON, too. */
  wantsJson = false
  /** Why it runs; undefined until it does. */
  asked: Asked | undefined
  /** Changes of the terminal's size so far. */
  resizes = 0
  /** Set when the target has said how the command ended. */
  ended = false
  #started = false
  #heldStart: (() => void) | undefined
  #lost: (() => void) | undefined
  #withdrawn: ((reason: string) => void) | undefined
  /** What waits for the recording, in the order of the marks. */
  #waiting: { readonly mark: number; readonly run: () => void }[] = []

  constructor(number: number, type: string, agent: PeerTransport, target: PeerTransport) {
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
  start(cap: number = HALF_CAP): void {
    this.phase = 'running'
    this.up.cap = cap
    this.up.grant()
  }

  /** Keeps the place of a start request in line: what comes behind it waits, and its peers send no more. */
  holdStart(): void {
    this.phase = 'held'
    this.up.blocked = true
    this.up.control(() => this.#heldStart?.())
  }

  /** Sends the start request that was held, once the recording holds everything up to `mark`. */
  startHeld({ type, reply }: ChannelRequest, body: Buffer, mark: number): void {
    this.#withdrawn = undefined
    this.#heldStart = () => {
      this.#request(type, body, reply)
      this.#started = true
    }
    this.start()
    this.whenWritten(mark, () => {
      this.up.blocked = false
      this.up.pump()
      this.up.grant()
    })
  }

  /** Sets who is told when either peer goes while the start is held. */
  onWithdrawn(callback: (reason: string) => void): void {
    this.#withdrawn = callback
  }

  /** A peer is gone, so that nobody need decide any more. */
  withdraw(reason: string): void {
    const withdrawn = this.#withdrawn
    this.#withdrawn = undefined
    if (this.phase !== 'held') return
    withdrawn?.(reason)
    this.phase = 'refused'
  }

  /** Sets who is told when the connection ends while the channel is there. */
  onLost(callback: () => void): void {
    this.#lost = callback
  }

  /** The connection ends: nothing passes any more, and nobody need decide. */
  lose(): void {
    this.withdraw('the connection ended before anybody decided')
    this.up.drop()
    this.down.drop()
    this.program?.close()
    this.filter?.end()
    this.recorder?.close()
    this.#lost?.()
  }

  /** Ends a session that may not start, or may not go on: our words, an exit status, and both ends closed. */
  refuse(lines: readonly string[], status: number): void {
    this.phase = 'refused'
    this.#withdrawn = undefined
    this.program?.close()
    this.program = undefined
    this.up.drop()
    this.target.discarding = true
    this.target.close()
    this.agent.settleAll(true)
    for (const line of lines) this.notice(line)
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
