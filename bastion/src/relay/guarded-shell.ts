import { withoutWaiting } from '../decide/index.ts'
import { openGuardedShell, type GuardedShell, type ShellHost } from '../shell/index.ts'
import { EXTENDED_DATA_STDERR } from '../ssh/messages.ts'
import type { Channel } from './channel.ts'
import type { RelayContext } from './context.ts'
import { runHeldLine } from './held-line.ts'
import { runProgram } from './program.ts'
import { recordDecision } from './record-decision.ts'
import type { ProgramHost } from './roles.ts'
import { runLine } from './run-line.ts'

/** Bytes on their way to the agent above which the shell waits. */
const OUTPUT_CAP = 256 << 10

/** Gives the channel to the bastion's own shell, each line of which is judged, recorded and run on its own. */
export function runGuardedShell(relay: RelayContext, channel: Channel): void {
  const { terminal } = channel
  const { login, target } = relay.options.place
  runProgram(channel, (program) => {
    const listen = (): void => program.listen(shell.wantsInput)
    const resume = (): void => {
      shell.resume()
      listen()
    }
    const shell: GuardedShell = openGuardedShell({
      host: hostOf(relay, channel, program, resume),
      login,
      target,
      ...(terminal === undefined ? {} : { terminal }),
    })
    return {
      input: (bytes) => {
        shell.input(Buffer.from(bytes))
        listen()
      },
      endOfInput: () => shell.endOfInput(),
      resize: (cols, rows) => shell.resize({ cols, rows }),
      signal: (name) => {
        shell.signal(name)
        listen()
      },
      close: () => shell.close(),
    }
  })
}

/** `resume` tells the shell that something accepts again, or has ended. */
function hostOf(
  relay: RelayContext,
  channel: Channel,
  program: ProgramHost,
  resume: () => void,
): ShellHost {
  const { decide, place } = relay.options
  let unsaid = 0
  return {
    judge: (line) => {
      const decision = decide({ kind: 'exec', command: line })
      if (decision.effect === 'deny') recordDecision(relay, channel, decision, line.toString())
      return decision
    },
    allowsVariable: (name, value) =>
      withoutWaiting(decide({ kind: 'env', name, value })).effect === 'allow',
    programs: () => place.programs(),
    run: (command, sink) => {
      const line = { relay, channel, program, command, sink, resume }
      const { decision } = command
      return decision.effect === 'allow' ? runLine(line, decision) : runHeldLine(line, decision)
    },
    write: (stream, bytes) => {
      const size = bytes.length
      unsaid += size
      program.say(stream === 1 ? 0 : EXTENDED_DATA_STDERR, bytes)
      program.whenSaid(() => {
        unsaid -= size
        if (unsaid < OUTPUT_CAP) resume()
      })
    },
    accepts: () => unsaid < OUTPUT_CAP,
    exit: (status) => program.exit(status),
  }
}
