import { channelRequest, uint32 } from '../ssh/messages.ts'
import type { Channel } from './channel.ts'

/** Something of our own at the far end of an agent's channel, in the target's place. */
export interface Program {
  /** The bytes are lent for the time of the call. */
  input(bytes: Buffer): void
  endOfInput(): void
  resize(cols: number, rows: number): void
  signal(name: string): void
  /** The agent has closed, or the connection has ended. */
  close(): void
}

/** What a program says to its agent. All of it is recorded before it leaves. */
export interface ProgramHost {
  /** Calls `taken` once the bytes have left, so that more may be said without end. */
  say(dataType: number, bytes: Buffer, taken?: () => void): void
  /** Lets the agent send on, or not; what it was allowed to send before still comes. */
  listen(wanted: boolean): void
  /** Ends the channel. */
  exit(status: number): void
}

/** What an agent may have on its way to a program. */
const INPUT_WINDOW = 64 << 10

/** Gives the agent's channel to a program. The target's end, where nothing was started, is closed. */
export function runProgram(channel: Channel, open: (host: ProgramHost) => Program): void {
  const { up, down, target } = channel
  target.discarding = true
  target.close()
  // Nothing comes from there any more: the agent's window is all ours, and what it sends goes no further than here.
  down.credit = 0
  up.window = 0xffffffff
  channel.start(INPUT_WINDOW)
  channel.program = open({
    say: (dataType, bytes, taken) => {
      if (channel.recorder === undefined) return
      const mark = channel.recorder.output(dataType, bytes)
      down.notice(dataType, Buffer.from(bytes), mark)
      if (taken !== undefined) down.control(taken, mark)
    },
    listen: (wanted) => {
      up.blocked = !wanted
      up.grant()
    },
    exit: (status) => {
      const mark = channel.recorder?.exitStatus(status) ?? 0
      down.control(() => {
        const { agent } = channel
        agent.send(channelRequest(agent.recipient, 'exit-status', false, uint32(status)))
        agent.sendEof()
        agent.close()
      }, mark)
    },
  })
}
