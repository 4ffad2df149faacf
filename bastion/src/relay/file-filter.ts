import { createSftpFilter, judgeWith, type FileEvent, type Passage } from '../files/sftp/index.ts'
import type { Channel } from './channel.ts'
import type { RelayContext } from './context.ts'
import { recordDecision } from './record-decision.ts'
import { STATUS_DENIED } from './refuse.ts'

/** Bytes that may wait for an agent that asks and does not read the answers. */
const MAX_ANSWERS = 4 << 20

/** Judges each operation of an sftp channel from now on. */
export function filterFiles(relay: RelayContext, channel: Channel): void {
  channel.filter = createSftpFilter({
    judge: judgeWith(relay.options.decide),
    onOperation: (event) => recordOperation(relay, channel, event),
  })
}

function recordOperation(relay: RelayContext, channel: Channel, event: FileEvent): void {
  if (event.kind === 'transferred' || event.allowed) {
    channel.recorder?.note({ file: event })
    return
  }
  const { operation, rule, message = 'refused' } = event
  const text = [operation.op, operation.path, operation.to ?? ''].join(' ').trim()
  const reason = `${text}: ${message}`
  recordDecision(relay, channel, { effect: 'deny', rule, message, reason }, text)
}

/** Passes on what a filter lets through; what an agent gets is recorded first, also where it is our own answer. */
export function passFiltered(channel: Channel, { toTarget, toAgent, violation }: Passage): void {
  const { up, down, recorder } = channel
  for (const bytes of toTarget) up.data(0, bytes, 0)
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
