import { BastionError } from '../errors.ts'
import type { Transport } from '../ssh/transport.ts'
import { openSessionChannel, type SessionStart } from './session-channel.ts'

export interface CommandOptions {
  readonly input?: Buffer
  /** Milliseconds until it must have ended. */
  readonly timeout: number
  /** Bytes that it may print, on both outputs together. */
  readonly maxOutput: number
}

export interface CommandOutcome {
  /** Undefined when it was killed. */
  readonly status: number | undefined
  readonly stdout: Buffer
  readonly stderr: Buffer
}

let lastNumber = 0

/** Returns a channel number that is new. */
export function nextChannelNumber(): number {
  lastNumber = (lastNumber + 1) % 0x7fffffff
  return lastNumber
}

/**
 * Runs a command of our own at a target that is logged in to. Throws ERR_BASTION_UPSTREAM when the target would not run
 * it, was lost, took too long or printed too much.
 */
export function runAtUpstream(
  transport: Transport,
  command: string,
  { input = Buffer.alloc(0), timeout, maxOutput }: CommandOptions,
): Promise<CommandOutcome> {
  const start: SessionStart = { type: 'exec', text: command }
  return new Promise((resolve, reject) => {
    const pieces: [Buffer[], Buffer[]] = [[], []]
    let printed = 0
    const fail = (text: string): void => {
      clearTimeout(timer)
      reject(new BastionError('ERR_BASTION_UPSTREAM', text))
    }
    const timer = setTimeout(() => {
      fail(`a command took longer than ${timeout / 1000} s`)
      channel.close()
    }, timeout)
    const channel = openSessionChannel(transport, nextChannelNumber(), start, {
      output: (dataType, bytes) => {
        printed += bytes.length
        if (printed > maxOutput) {
          fail(`a command printed more than ${maxOutput} bytes`)
          return channel.close()
        }
        pieces[dataType === 0 ? 0 : 1].push(Buffer.from(bytes))
      },
      ended: (ending) => {
        if (ending.kind === 'refused') return fail('the target would not run a command')
        if (ending.kind === 'lost') return fail(`the target was lost: ${ending.reason}`)
        clearTimeout(timer)
        const [stdout, stderr] = pieces
        resolve({
          status: ending.status,
          stdout: Buffer.concat(stdout),
          stderr: Buffer.concat(stderr),
        })
      },
    })
    channel.write(input)
    channel.endInput()
  })
}
