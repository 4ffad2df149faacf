import type { Held } from '../decide/index.ts'
import type { Run } from '../shell/index.ts'
import { waitingLines, whyNot } from './approval-words.ts'
import { recordDecision } from './record-decision.ts'
import { STATUS_DENIED, STATUS_EXPIRED } from './refuse.ts'
import type { ApprovalOutcome } from './roles.ts'
import { runLine, type LineApproval, type ShellLine } from './run-line.ts'

/** Holds one line of a guarded shell until people have decided; only then does it run. */
export function runHeldLine(line: ShellLine, decision: Held): Run {
  const { relay, channel, command, sink, resume } = line
  const held: Held = { ...decision, send: command.send }
  const { rule } = held
  const tell = (text: string): void => sink.output(2, Buffer.from(`${text}\n`))
  let running: Run | undefined
  let over = false
  let inputEnded = false

  const refuse = (message: string, status: number): void => {
    over = true
    recordDecision(relay, channel, { ...held, effect: 'deny', message }, command.title)
    tell(`sallyport: denied by rule ${rule}: ${message}`)
    sink.ended({ kind: 'notRun', status })
    resume()
  }
  const go = (by: string, approval: LineApproval): void => {
    const now = relay.options.decide({ kind: 'exec', command: Buffer.from(command.title) })
    if (now.effect === 'deny') return refuse(`the policy changed: ${now.message}`, STATUS_DENIED)
    const reason = `${held.reason}; approved by ${by}`
    running = runLine(line, { ...held, effect: 'allow', reason }, approval)
    if (inputEnded) running.endInput()
  }
  const decided = (outcome: ApprovalOutcome): void => {
    if (over) return
    if (outcome.kind === 'approved') {
      const by = outcome.by.join(', ')
      tell(`sallyport: approved by ${by}`)
      return go(by, outcome)
    }
    refuse(whyNot(outcome), outcome.kind === 'expired' ? STATUS_EXPIRED : STATUS_DENIED)
  }

  const approval = relay.options.askApproval({
    channel: channel.number,
    title: command.title,
    before: relay.before,
    held,
  })
  let cancel = (): void => {}
  switch (approval.kind) {
    case 'rejected':
      refuse(approval.message, STATUS_DENIED)
      break
    case 'granted':
      go(approval.by, approval)
      break
    case 'pending':
      channel.recorder?.marker('waiting for approval', { ticket: approval.ticket, rule })
      for (const text of waitingLines(rule, approval)) tell(text)
      cancel = () => approval.cancel('the agent gave it up')
      approval.outcome.then(decided, (error: unknown) => relay.failed(error))
  }
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
      if (!over) refuse('given up', STATUS_DENIED)
      cancel()
    },
    close: () => {
      over = true
      cancel()
      running?.close()
    },
  }
}
