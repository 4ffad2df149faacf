import { Channel } from './channel.ts'
import type { PeerTransport } from './leg.ts'

/** Numbers rest in line before they are used again, so that a late message of a peer finds no stranger. */
const RESTING = 8

/**
 * The channels of one connection by number. A channel that is gone is not in it, so there is no closed state to go
 * stale.
 */
export class ChannelTable implements Iterable<Channel> {
  readonly #agent: PeerTransport
  readonly #target: PeerTransport
  readonly #slots: (Channel | undefined)[] = []
  readonly #free: number[] = []
  readonly #limit: number
  #size = 0

  constructor(agent: PeerTransport, target: PeerTransport, limit: number) {
    this.#agent = agent
    this.#target = target
    this.#limit = limit
  }

  get size(): number {
    return this.#size
  }

  get(number: number): Channel | undefined {
    return this.#slots[number]
  }

  /** Makes a channel under a free number, to this agent or an end of our own. The caller has checked the limit. */
  add(type: string, agent: PeerTransport = this.#agent): Channel {
    if (this.#size >= this.#limit) throw new TypeError('channel limit was not checked')
    const rested = this.#free.length > RESTING ? this.#free.shift() : undefined
    const channel = new Channel(rested ?? this.#slots.length, type, agent, this.#target)
    this.#slots[channel.number] = channel
    this.#size += 1
    return channel
  }

  /** Removes the channel; false when it was removed before. */
  remove(channel: Channel): boolean {
    if (this.#slots[channel.number] !== channel) return false
    this.#slots[channel.number] = undefined
    this.#free.push(channel.number)
    this.#size -= 1
    return true
  }

  clear(): void {
    this.#slots.length = 0
    this.#free.length = 0
    this.#size = 0
  }

  /** Calls back when nothing waits on its way to the agent on any channel. */
  whenQuiet(callback: () => void): void {
    let waiting = 1
    const quiet = (): void => {
      waiting -= 1
      if (waiting === 0) callback()
    }
    for (const channel of this) {
      if (channel.agent.state !== 'open' || channel.agent.closeSent) continue
      waiting += 1
      channel.down.control(quiet)
    }
    quiet()
  }

  *[Symbol.iterator](): Iterator<Channel> {
    for (const channel of this.#slots) if (channel !== undefined) yield channel
  }
}
