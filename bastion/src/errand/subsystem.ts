import type { Transport } from '../ssh/transport.ts'
import { nextChannelNumber } from './run.ts'
import { openSessionChannel } from './session-channel.ts'

/** Both directions of a subsystem at a target. */
export interface Subsystem {
  write(bytes: Buffer): void
  /** Resolves with the next bytes; undefined at the end, or when nothing came in time. */
  read(): Promise<Buffer | undefined>
  close(): void
}

/** Bytes of the target that may wait to be read. */
const MAX_WAITING = 4 << 20

/** Opens a subsystem of a target that is logged in to; `timeout` is how many milliseconds a read waits. */
export function openSubsystem(transport: Transport, name: string, timeout: number): Subsystem {
  const waiting: Buffer[] = []
  let size = 0
  let ended = false
  let wake: (() => void) | undefined
  const channel = openSessionChannel(
    transport,
    nextChannelNumber(),
    { type: 'subsystem', text: name },
    {
      output: (dataType, bytes) => {
        if (dataType !== 0) return
        size += bytes.length
        if (size > MAX_WAITING) return channel.close()
        waiting.push(Buffer.from(bytes))
        wake?.()
      },
      ended: () => {
        ended = true
        wake?.()
      },
    },
  )
  return {
    write: (bytes) => channel.write(bytes),
    async read() {
      if (waiting.length === 0 && !ended) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, timeout)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
        wake = undefined
      }
      const bytes = waiting.shift()
      size -= bytes?.length ?? 0
      return bytes
    },
    close: () => channel.close(),
  }
}
