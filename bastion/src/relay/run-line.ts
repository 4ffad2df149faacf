import type { Allowed } from '../decide/index.ts'
import type { Outcome, Run, RunSink, ShellCommand } from '../shell/index.ts'
import type { Channel } from './channel.ts'
import type { RelayContext } from './context.ts'
import type { Ending } from './local-peer.ts'
import { runAtTarget } from './own-command.ts'
import { recordDecision } from './record-decision.ts'
import type { ProgramHost } from './roles.ts'

/** One line of a guarded shell that is to run. */
export interface ShellLine {
  readonly relay: RelayContext
  /** The shell's own channel, whose recording holds everything. */
  readonly channel: Channel
  readonly program: ProgramHost
  readonly command: ShellCommand
  readonly sink: RunSink
  /** Tells the shell that the command takes more, or has ended. */
  readonly resume: () => void
}

/** How people let a line run. */
export interface LineApproval {
  /** What they saw. */
  readonly send: Buffer
  /** The grant whose end is the line's own. */
  readonly endsWith?: string | undefined
}

/** Status of a line that never came to run. */
const STATUS_LOST = 255

/** Records the decision on a line and runs it on a channel of its own. */
export function runLine(line: ShellLine, decision: Allowed, approval?: LineApproval): Run {
  const { relay, channel, program, command, sink, resume } = line
  recordDecision(relay, channel, decision, command.title)
  relay.ran(command.title)
  const question = { kind: 'exec', command: Buffer.from(command.title) } as const
  const own = runAtTarget(
    relay,
    approval?.send ?? command.send,
    {
      output: (dataType, bytes, taken) => {
        sink.output(dataType === 0 ? 1 : 2, Buffer.from(bytes))
        program.whenSaid(taken)
      },
      drained: resume,
      ended: (ending) => {
        sink.ended(outcomeOf(ending))
        resume()
      },
    },
    { question, approved: approval !== undefined, grant: approval?.endsWith },
  )
  return {
    write: (bytes) => own.write(bytes),
    endInput: () => own.endInput(),
    accepts: () => own.accepts,
    signal: (name) => own.signal(name),
    close: () => own.close(),
  }
}

function outcomeOf(ending: Ending): Outcome {
  switch (ending.kind) {
    case 'status':
      return ending
    case 'signal':
      return { kind: 'signal', name: ending.signal }
    case 'lost':
      return { kind: 'notRun', status: STATUS_LOST }
  }
}
