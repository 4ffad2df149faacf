import { sshString } from '../ssh/messages.ts'
import type { Asked } from './asked.ts'
import type { Channel } from './channel.ts'
import { closeReceived } from './close.ts'
import type { RelayContext } from './context.ts'
import { createLocalPeer, type Ending } from './local-peer.ts'
import { unrecorded } from './unrecorded.ts'

/** Where the output of a command of our own goes. */
export interface CommandSink {
  /** The bytes are lent for the time of the call; `taken` says when they are gone, so that more may come. */
  output(dataType: number, bytes: Buffer, taken: () => void): void
  /** What was written has been taken, so that more may be. */
  drained(): void
  /** Told once, after all output. */
  ended(ending: Ending): void
}

/** A command that we run at the target ourselves. */
export interface OwnCommand {
  /** Sends standard input; what the target does not take yet is kept. */
  write(bytes: Uint8Array): void
  /** Whether all that was written has been taken. */
  readonly accepts: boolean
  endInput(): void
  /** Sends a signal by its name without SIG (RFC 4254 section 6.9). */
  signal(name: string): void
  /** Gives up on it. */
  close(): void
}

/** What our end takes before it says that it took it. */
const WINDOW = 256 << 10

/**
 * Runs a text that was decided on, on a channel of its own. It is not recorded here: whoever asked passes on what comes,
 * and records that.
 */
export function runAtTarget(
  relay: RelayContext,
  send: Buffer,
  sink: CommandSink,
  asked?: Asked,
): OwnCommand {
  if (relay.channels.size >= relay.options.maxChannels) {
    queueMicrotask(() => sink.ended({ kind: 'lost', reason: 'too many channels' }))
    return IDLE
  }
  let ending: Ending | undefined
  let over = false
  let backlog: Buffer = Buffer.alloc(0)
  let inputEnded = false
  const flush = (): void => {
    if (backlog.length === 0) return
    const size = Math.min(backlog.length, channel.up.credit)
    if (size > 0 && channel.up.take(size)) {
      channel.up.data(0, backlog.subarray(0, size), 0)
      backlog = backlog.subarray(size)
    }
    if (backlog.length > 0) return
    if (inputEnded) channel.up.control(() => channel.target.sendEof())
    else sink.drained()
  }
  const end = (otherwise: string): void => {
    if (over) return
    over = true
    sink.ended(ending ?? { kind: 'lost', reason: otherwise })
  }
  const closing = (): void => {
    if (channel.agent.closeReceived) return
    closeReceived(relay, channel, channel.agent)
  }
  const channel: Channel = relay.channels.add(
    'session',
    createLocalPeer({
      opened: () => {
        const reply = channel.agent.owe()
        channel.forwardToTarget('exec', sshString(send), reply)
        channel.start()
        flush()
      },
      widened: flush,
      refused: () => {
        end('the target would not run it')
        queueMicrotask(closing)
      },
      received: (dataType, bytes) => {
        const size = bytes.length
        sink.output(dataType, bytes, () => channel.down.widen(size))
      },
      ended: (how) => {
        ending = how
      },
      closed: () => {
        end('the target closed without a status')
        queueMicrotask(closing)
      },
    }),
  )
  channel.recorder = unrecorded
  channel.asked = asked
  channel.agent.state = 'opening'
  channel.down.window = WINDOW
  channel.onLost(() => end('the connection ended'))
  channel.openAtTarget(Buffer.alloc(0))
  return {
    write: (bytes) => {
      backlog = Buffer.concat([backlog, bytes])
      flush()
    },
    get accepts() {
      return backlog.length === 0
    },
    endInput: () => {
      inputEnded = true
      if (backlog.length === 0) channel.up.control(() => channel.target.sendEof())
    },
    signal: (name) => channel.forwardPastQueue('signal', sshString(name), undefined),
    close: () => {
      end('given up')
      closing()
    },
  }
}

/** A command that was never sent. */
const IDLE: OwnCommand = {
  write: () => {},
  accepts: false,
  endInput: () => {},
  signal: () => {},
  close: () => {},
}
