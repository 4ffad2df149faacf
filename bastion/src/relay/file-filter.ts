import { createSftpFilter, judgeWith, type FileEvent, type Passage } from '../files/sftp/index.ts'
import { EXTENDED_DATA_STDERR } from '../ssh/messages.ts'
import type { Channel } from './channel.ts'
import type { RelayContext } from './context.ts'
import { recordDecision } from './record-decision.ts'
import { STATUS_DENIED } from './refuse.ts'

/** Bytes that may wait for an agent that asks and does not read the answers. */
const MAX_ANSWERS = 4 << 20
/** Refusals of one channel that its agent's standard error tells of; the statuses tell of all. */
const MAX_TOLD = 20

/** Judges the bytes of an sftp channel. */
export interface FileFilter {
  fromAgent(bytes: Buffer): void
  fromTarget(bytes: Buffer): void
  /** The channel ended. */
  end(): void
}

/** Judges each operation of an sftp channel from now on. */
export function filterFiles(relay: RelayContext, channel: Channel): void {
  const reporter = createReporter(relay, channel)
  const sftp = createSftpFilter({
    judge: judgeWith(relay.options.decide),
    onOperation: reporter.report,
  })
  channel.filter = {
    fromAgent: (bytes) => pass(channel, sftp.fromAgent(bytes), reporter.mark),
    fromTarget: (bytes) => pass(channel, sftp.fromTarget(bytes), reporter.mark),
    end: () => sftp.end(),
  }
}

interface Reporter {
  /** The recording holds every operation once it holds this mark. */
  readonly mark: number
  readonly report: (event: FileEvent) => void
}

function createReporter(relay: RelayContext, channel: Channel): Reporter {
  let mark = 0
  let told = 0
  const tell = (rule: string, message: string): void => {
    told += 1
    if (told > MAX_TOLD) return
    const more = told === MAX_TOLD ? 'sallyport: further refusals are not told here\n' : ''
    const line = Buffer.from(`sallyport: denied by rule ${rule}: ${message}\n${more}`)
    // Like the answers of ours, it may use what the target was promised of the window, and so never waits for it.
    const { down, recorder } = channel
    down.data(EXTENDED_DATA_STDERR, line, recorder?.output(EXTENDED_DATA_STDERR, line) ?? 0)
  }
  return {
    get mark() {
      return mark
    },
    report(event) {
      if (event.kind === 'transferred' || event.allowed) {
        mark = channel.recorder?.note({ file: event }) ?? 0
        return
      }
      const { operation, rule, message = 'refused' } = event
      const text = [operation.op, operation.path, operation.to ?? ''].join(' ').trim()
      const reason = `${text}: ${message}`
      channel.recorder?.note({ file: event })
      mark = recordDecision(relay, channel, { effect: 'deny', rule, message, reason }, text)
      tell(rule, message)
    },
  }
}

// The target hears of an operation when the recording holds it, and the agent what is recorded as its output, also
// where the answer is our own.
function pass(channel: Channel, { toTarget, toAgent, violation }: Passage, mark: number): void {
  const { up, down, recorder } = channel
  for (const bytes of toTarget) up.data(0, bytes, mark)
  for (const bytes of toAgent) down.data(0, bytes, recorder?.output(0, bytes) ?? 0)
  if (down.queued > MAX_ANSWERS && !up.blocked) {
    // Answers of ours have no window of their own: an agent that does not read them is not read any more.
    up.blocked = true
    down.control(() => {
      up.blocked = false
      up.pump()
      up.grant()
    })
  }
  if (violation !== undefined) channel.refuse([`sallyport: ended: ${violation}`], STATUS_DENIED)
}
