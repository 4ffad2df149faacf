import { channelRequest, uint32 } from '../ssh/messages.ts'
import type { Channel } from './channel.ts'
import type { Program, ProgramHost } from './roles.ts'

/** What an agent may have on its way to a program. */
const INPUT_WINDOW = 16 << 10

/** Gives the agent's channel to a program. The target's end, where nothing was started, is closed. */
export function runProgram(channel: Channel, open: (host: ProgramHost) => Program): void {
  const { up, down, target } = channel
  target.discarding = true
  target.close()
  // Nothing comes from there any more: the agent's window is all ours, and what it sends goes no further than here.
  down.credit = 0
  up.window = 0xffffffff
  channel.start(INPUT_WINDOW)
  let said = 0
  channel.program = open({
    say: (dataType, bytes) => {
      const own = Buffer.from(bytes)
      said = channel.recorder?.output(dataType, own) ?? said
      down.notice(dataType, own, said)
    },
    whenSaid: (run) => down.control(run, said),
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
