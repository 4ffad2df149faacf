import { createReader } from '@sallyport/keys/wire'
import {
  channelRequest,
  message,
  MIN_PACKET,
  MSG,
  openFailure,
  OPEN_FAILURE,
  sshString,
  uint32,
} from '../ssh/messages.ts'
import type { Transport } from '../ssh/transport.ts'

/** What a session channel of our own at a target runs. */
export interface SessionStart {
  readonly type: 'exec' | 'subsystem'
  /** A command, or the name of a subsystem. */
  readonly text: string
}

export interface SessionSink {
  output(dataType: number, bytes: Buffer): void
  /** Told once, after all output. */
  ended(ending: SessionEnding): void
}

export type SessionEnding =
  /** The status is undefined when it was killed. */
  | { readonly kind: 'ended'; readonly status: number | undefined }
  /** The target would not open the channel, or not run it. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'lost'; readonly reason: string }

/** A session channel of our own; nothing else is on its connection. */
export interface SessionChannel {
  write(bytes: Uint8Array): void
  endInput(): void
  close(): void
}

const WINDOW = 1 << 20
const PACKET = 32 << 10
/** Answers that a target gets while a channel lives; who asks on and on may not even read them. */
const MOST_ANSWERS = 1000
const REQUEST_FAILURE = message(MSG.REQUEST_FAILURE)

/** Opens a session channel at a target that is logged in to, one at a time on a connection. */
export function openSessionChannel(
  transport: Transport,
  number: number,
  start: SessionStart,
  sink: SessionSink,
): SessionChannel {
  let recipient = 0
  let window = 0
  let maxPacket = MIN_PACKET
  let backlog: Buffer = Buffer.alloc(0)
  let inputEnded = false
  let eofSent = false
  let confirmed = false
  let opened = false
  let over = false
  let answers = 0
  let taken = 0
  let status: number | undefined

  const end = (ending: SessionEnding): void => {
    if (over) return
    over = true
    sink.ended(ending)
  }
  const flush = (): void => {
    while (opened && backlog.length > 0 && window > 0) {
      const size = Math.min(backlog.length, window, maxPacket)
      transport.sendData(recipient, 0, backlog.subarray(0, size))
      backlog = backlog.subarray(size)
      window -= size
    }
    if (!opened || eofSent || !inputEnded || backlog.length > 0) return
    eofSent = true
    transport.send(message(MSG.CHANNEL_EOF, uint32(recipient)))
  }
  const answer = (payload: Buffer): void => {
    answers += 1
    if (answers > MOST_ANSWERS) throw new RangeError('it asks on and on')
    transport.send(payload)
  }
  const received = (dataType: number, bytes: Buffer): void => {
    if (over) return
    sink.output(dataType, bytes)
    taken += bytes.length
    if (taken < WINDOW / 2) return
    transport.send(message(MSG.CHANNEL_WINDOW_ADJUST, uint32(recipient, taken)))
    taken = 0
  }
  const close = (): void => {
    if (!opened) return
    opened = false
    transport.send(message(MSG.CHANNEL_CLOSE, uint32(recipient)))
  }
  const receive = (payload: Buffer): void => {
    const reader = createReader(payload)
    const type = reader.u8()
    if (type === MSG.GLOBAL_REQUEST) {
      reader.string()
      if (reader.bool()) answer(REQUEST_FAILURE)
      return
    }
    if (type === MSG.CHANNEL_OPEN) {
      reader.string()
      const reason = 'sallyport: nobody asked for it'
      answer(openFailure(reader.u32(), OPEN_FAILURE.ADMINISTRATIVELY_PROHIBITED, reason))
      return
    }
    if (reader.u32() !== number) return
    switch (type) {
      case MSG.CHANNEL_OPEN_CONFIRMATION:
        if (confirmed) throw new RangeError('it opened a channel twice')
        confirmed = true
        recipient = reader.u32()
        window = reader.u32()
        maxPacket = Math.max(MIN_PACKET, Math.min(reader.u32(), PACKET))
        opened = true
        // Nobody waits for it any more, so it must not begin.
        if (over) return close()
        transport.send(channelRequest(recipient, start.type, true, sshString(start.text)))
        return flush()
      case MSG.CHANNEL_OPEN_FAILURE:
        return end({ kind: 'refused' })
      case MSG.CHANNEL_FAILURE:
        end({ kind: 'refused' })
        return close()
      case MSG.CHANNEL_WINDOW_ADJUST:
        window += reader.u32()
        return flush()
      case MSG.CHANNEL_DATA:
        return received(0, reader.string())
      case MSG.CHANNEL_EXTENDED_DATA:
        return received(reader.u32(), reader.string())
      case MSG.CHANNEL_REQUEST: {
        const isStatus = reader.text() === 'exit-status'
        const wantsReply = reader.bool()
        if (isStatus && !wantsReply) status = reader.u32()
        // An sshd with ClientAliveInterval hangs up on who does not answer.
        if (wantsReply && opened) answer(message(MSG.CHANNEL_FAILURE, uint32(recipient)))
        return
      }
      case MSG.CHANNEL_CLOSE:
        close()
        return end({ kind: 'ended', status })
    }
  }

  transport.onClose((reason) => end({ kind: 'lost', reason }))
  transport.listen((payload) => {
    try {
      receive(payload)
    } catch (error) {
      end({ kind: 'lost', reason: error instanceof Error ? error.message : String(error) })
      transport.close('it broke the protocol')
    }
  })
  transport.send(message(MSG.CHANNEL_OPEN, sshString('session'), uint32(number, WINDOW, PACKET)))
  return {
    write: (bytes) => {
      backlog = Buffer.concat([backlog, bytes])
      flush()
    },
    endInput: () => {
      inputEnded = true
      flush()
    },
    close: () => {
      close()
      end({ kind: 'lost', reason: 'given up' })
    },
  }
}
