import { createReader } from '@sallyport/keys/wire'
import {
  channelRequest,
  EXTENDED_DATA_STDERR,
  message,
  MSG,
  openFailure,
  OPEN_FAILURE,
  sshString,
  uint32,
} from '../ssh/messages.ts'
import type { Transport } from '../ssh/transport.ts'
import { printable } from '../words.ts'
import { createInput } from './input.ts'

/** What is needed of a transport to run a command over it. */
export type UpstreamConnection = Pick<
  Transport,
  'send' | 'sendData' | 'listen' | 'unlisten' | 'onClose' | 'close'
>

export interface UpstreamRunOptions {
  /** What the command reads; without it, nothing. */
  readonly input?: Uint8Array
  /** Milliseconds until it must have ended. */
  readonly timeout: number
  /** Bytes of output, of both kinds together, above which it is ended. */
  readonly maxOutput: number
}

/** How a command ended at a target. What it printed is the target's own word, and may be anything. */
export type UpstreamOutcome =
  | {
      readonly kind: 'exited'
      readonly status: number
      readonly stdout: Buffer
      readonly stderr: Buffer
    }
  /** A signal ended it, the target would not run it, or it went beyond a limit. */
  | { readonly kind: 'failed'; readonly reason: string }

/** The bastion's own number for the one channel that is open at a time. */
const NUMBER = 0

const PACKET = 32 << 10

const REQUEST_FAILURE = message(MSG.REQUEST_FAILURE)

/**
 * Runs a command of our own on a connection that nobody else listens to, and resolves with how it ended; it does not
 * throw for anything that the target does. One command runs after another: the channel is closed on both sides before
 * this resolves, or the transport is closed.
 */
export function runAtUpstream(
  transport: UpstreamConnection,
  command: string,
  options: UpstreamRunOptions,
): Promise<UpstreamOutcome> {
  const { timeout, maxOutput } = options
  return new Promise((resolve) => {
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    const input = createInput(options.input ?? Buffer.alloc(0))
    // All that may ever come, at once: nothing needs to be granted later, and nothing more can be sent.
    let window = maxOutput + 1
    let recipient: number | undefined
    let running = false
    let status: number | undefined
    let signal: string | undefined
    let done = false

    const end = (outcome: UpstreamOutcome): void => {
      if (done) return
      done = true
      clearTimeout(timer)
      transport.unlisten()
      resolve(outcome)
    }
    /** What is left of the channel could not be told from the next one's. */
    const fail = (reason: string): void => {
      end({ kind: 'failed', reason })
      transport.close(reason)
    }
    const timer = setTimeout(() => fail('it did not end in time'), timeout)
    const send = (payload: Buffer): void => transport.send(payload)

    const feed = (): void => {
      if (recipient === undefined || !running) return
      for (const piece of input.take()) transport.sendData(recipient, 0, piece)
      if (input.ends()) send(message(MSG.CHANNEL_EOF, uint32(recipient)))
    }
    const closed = (): void => {
      if (recipient !== undefined) send(message(MSG.CHANNEL_CLOSE, uint32(recipient)))
      if (status !== undefined) {
        const [out, err] = [Buffer.concat(stdout), Buffer.concat(stderr)]
        end({ kind: 'exited', status, stdout: out, stderr: err })
      } else if (signal === undefined) {
        end({ kind: 'failed', reason: 'the target closed it without an exit status' })
      } else end({ kind: 'failed', reason: `signal ${printable(signal)} ended it` })
    }
    const output = (bytes: Buffer, into: Buffer[]): void => {
      window -= bytes.length
      if (window <= 0) return fail(`it printed more than ${maxOutput} bytes`)
      into.push(Buffer.from(bytes))
    }
    const requested = (payload: Buffer): void => {
      const reader = createReader(payload)
      reader.u8()
      reader.u32()
      const type = reader.text()
      const wantReply = reader.bool()
      if (type === 'exit-status') status = reader.u32()
      if (type === 'exit-signal') signal = reader.text()
      if (wantReply && recipient !== undefined) {
        send(message(MSG.CHANNEL_FAILURE, uint32(recipient)))
      }
    }
    const opened = (payload: Buffer): void => {
      const reader = createReader(payload)
      reader.u8()
      reader.u32()
      recipient = reader.u32()
      input.grant(reader.u32())
      input.limit(reader.u32())
      send(channelRequest(recipient, 'exec', true, sshString(command)))
    }
    const receive = (payload: Buffer): void => {
      const type = payload[0] ?? 0
      if (type === MSG.GLOBAL_REQUEST) {
        const reader = createReader(payload)
        reader.u8()
        reader.text()
        return reader.bool() ? send(REQUEST_FAILURE) : undefined
      }
      if (type === MSG.CHANNEL_OPEN) {
        const reader = createReader(payload)
        reader.u8()
        reader.text()
        const code = OPEN_FAILURE.ADMINISTRATIVELY_PROHIBITED
        return send(openFailure(reader.u32(), code, 'nothing is opened from here'))
      }
      if (payload.readUInt32BE(1) !== NUMBER) return fail('the target named another channel')
      if (type === MSG.CHANNEL_OPEN_CONFIRMATION && recipient === undefined) return opened(payload)
      if (type === MSG.CHANNEL_OPEN_FAILURE && recipient === undefined) {
        return end({ kind: 'failed', reason: 'the target opens no session' })
      }
      if (recipient === undefined) return fail(`the target sent message ${type} for no channel`)
      switch (type) {
        case MSG.CHANNEL_SUCCESS:
          running = true
          return feed()
        case MSG.CHANNEL_FAILURE:
          return fail('the target runs no commands')
        case MSG.CHANNEL_WINDOW_ADJUST:
          input.grant(payload.readUInt32BE(5))
          return feed()
        case MSG.CHANNEL_DATA:
          return output(payload.subarray(9, 9 + payload.readUInt32BE(5)), stdout)
        case MSG.CHANNEL_EXTENDED_DATA: {
          const known = payload.readUInt32BE(5) === EXTENDED_DATA_STDERR
          const bytes = payload.subarray(13, 13 + payload.readUInt32BE(9))
          return known ? output(bytes, stderr) : fail('the target sent output of an unknown kind')
        }
        case MSG.CHANNEL_REQUEST:
          return requested(payload)
        case MSG.CHANNEL_EOF:
          return
        case MSG.CHANNEL_CLOSE:
          return closed()
        default:
          return fail(`the target sent message ${type}`)
      }
    }

    transport.onClose((reason) => {
      end({ kind: 'failed', reason: `the target ended the connection: ${printable(reason)}` })
    })
    send(message(MSG.CHANNEL_OPEN, sshString('session'), uint32(NUMBER, window, PACKET)))
    transport.listen((payload) => {
      if (done) return
      try {
        receive(payload)
      } catch (error) {
        fail(`the target sent what cannot be read: ${String(error)}`)
      }
    })
  })
}
