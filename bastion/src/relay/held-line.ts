import type { Held } from '../decide/index.ts'
import type { Run } from '../shell/index.ts'
import { askPeople } from './ask-people.ts'
import { recordDecision } from './record-decision.ts'
import { STATUS_DENIED, STATUS_EXPIRED } from './refuse.ts'
import { runLine, type ShellLine } from './run-line.ts'

/** Holds one line of a guarded shell until people have decided; only then does it run. */
export function runHeldLine(line: ShellLine, decision: Held): Run {
  const { relay, channel, command, sink, resume } = line
  const { title } = command
  const tell = (text: string): void => sink.output(2, Buffer.from(`${text}\n`))
  let running: Run | undefined
  let over = false
  let inputEnded = false
  const end = (status: number): void => {
    over = true
    sink.ended({ kind: 'notRun', status })
    resume()
  }
  const cancel = askPeople(
    relay,
    channel,
    {
      ask: { kind: 'exec', command: Buffer.from(title) },
      title,
      held: { ...decision, send: command.send },
    },
    {
      tell,
      refuse: (denied, { message, expired }) => {
        recordDecision(relay, channel, { ...denied, message }, title)
        tell(`sallyport: denied by rule ${denied.rule}: ${message}`)
        end(expired === true ? STATUS_EXPIRED : STATUS_DENIED)
      },
      go: (allowed, endsWith) => {
        running = runLine(line, allowed, { send: allowed.send, endsWith })
        if (inputEnded) running.endInput()
      },
    },
  )
  return {
    write: (bytes) => running?.write(bytes),
    endInput: () => {
      inputEnded = true
      running?.endInput()
    },
    // Nothing is kept for a command that may never run.
    accepts: () => running?.accepts() ?? over,
    signal: (name) => {
      if (running !== undefined) return running.signal(name)
      if (over) return
      cancel?.('given up')
      tell('sallyport: given up')
      end(STATUS_DENIED)
    },
    close: () => {
      if (!over) cancel?.('the agent gave it up')
      over = true
      running?.close()
    },
  }
}
