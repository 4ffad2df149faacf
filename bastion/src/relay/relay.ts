import { createReader } from '@sallyport/keys/wire'
import { excerpt } from '../words.ts'
import {
  DISCONNECT,
  EXTENDED_DATA_STDERR,
  MSG,
  openFailure,
  OPEN_FAILURE,
} from '../ssh/messages.ts'
import { closeReceived } from './close.ts'
import { ChannelTable } from './channel-table.ts'
import type { Channel } from './channel.ts'
import type { RelayContext, RelayOptions } from './context.ts'
import { dataReceived, eofReceived } from './data.ts'
import { Forwards } from './forwards.ts'
import { GlobalRequests } from './global-requests.ts'
import { sayFarewell } from './farewell.ts'
import { endGranted, rejudge } from './rejudge.ts'
import { openConfirmed, openFailed, openFromAgent, openFromTarget } from './open.ts'
import { requestFromAgent, requestFromTarget } from './request.ts'

type Peer = 'agent' | 'target'

/** Unsent bytes towards one peer above which the other is no longer read. */
const HIGH_WATER = 4 << 20

/** Milliseconds that an agent has to take what a target said before it went. */
const LAST_WORDS = 5000

/** What approvers are shown of what ran before: so many titles, of so many characters. */
const KEPT_TITLES = 20
const MAX_TITLE = 1024
/** Milliseconds that an agent has to leave by itself when we have closed its sessions. */
const FAREWELL = 1000

/** Refused requests and channels of one connection after which it is ended: nobody needs as many by mistake. */
const MAX_REFUSALS = 1000

/**
 * The connection protocol (RFC 4254) between one agent and one target, message by message. It owns every channel number
 * and window; nothing is opened, started or forwarded that was not decided on, and no byte of the target reaches the
 * agent before it is in the recording.
 */
export class Relay implements RelayContext {
  readonly options: RelayOptions
  readonly channels: ChannelTable
  readonly forwards: Forwards = new Forwards()
  readonly before: string[] = []
  noMoreSessions = false
  readonly #globals: GlobalRequests
  #ended = false
  #terminated: string | undefined
  #paused = false
  #refusals = 0
  #lastWords: NodeJS.Timeout | undefined

  constructor(options: RelayOptions) {
    this.options = { ...options, report: (event, detail) => this.#report(options, event, detail) }
    this.channels = new ChannelTable(options.agent, options.target, options.maxChannels)
    this.#globals = new GlobalRequests(this)
  }

  /** Takes over both transports. They end together, and the recording with them. */
  start(): this {
    const { agent, target, recorder } = this.options
    recorder.onFailure((reason) => this.recordingFailed(reason))
    agent.onClose((reason) => this.#end(this.#terminated ?? `agent: ${reason}`))
    target.onClose((reason) => this.#targetGone(reason))
    agent.onDrain(() => this.#regulate())
    target.onDrain(() => this.#regulate())
    agent.listen((payload) => this.#received('agent', payload))
    target.listen((payload) => this.#received('target', payload))
    return this
  }

  release(channel: Channel): void {
    if (!channel.gone || !this.channels.remove(channel)) return
    channel.up.drop()
    channel.down.drop()
    channel.filter?.end()
    channel.recorder?.close()
  }

  violation(text: string): void {
    this.options.report('relay.violation', { reason: text })
    this.options.agent.disconnect(DISCONNECT.PROTOCOL_ERROR, `sallyport: ${text}`)
    this.#end(text)
  }

  failed(error: unknown): void {
    if (this.#ended) return
    this.options.report('relay.failed', { error })
    this.options.agent.disconnect(DISCONNECT.BY_APPLICATION, 'sallyport: an internal fault')
    this.#end('an internal fault')
  }

  ran(title: string): void {
    this.before.push(title.slice(0, MAX_TITLE))
    if (this.before.length > KEPT_TITLES) this.before.shift()
  }

  /** No record, no session: nothing more is passed on, and the agent hears why. */
  recordingFailed(reason: string): void {
    if (this.#ended) return
    const { recordingId } = this.options.recorder
    const text = `sallyport: session ended, its recording ${recordingId} failed: ${reason}`
    const line = Buffer.from(`${text}\r\n`)
    for (const { type, agent, up, down } of this.channels) {
      up.drop()
      down.drop()
      // The one text that no recording holds, for there is none any more. It is ours, not the target's.
      const fits = type === 'session' && agent.mayReceive && down.window >= line.length
      if (fits) agent.sendData(EXTENDED_DATA_STDERR, line)
    }
    this.options.report('relay.recording-failed', { reason })
    this.options.agent.disconnect(DISCONNECT.BY_APPLICATION, text)
    this.#end(reason)
  }

  /** Ends the connection for a reason of ours: the target's side at once, the agent's when it has heard why. */
  terminate(reason: string): void {
    if (this.#ended || this.#terminated !== undefined) return
    this.#terminated = reason
    const text = `sallyport: session ended: ${reason}`
    const heard = sayFarewell(this.channels, text)
    const end = (): void => this.options.agent.disconnect(DISCONNECT.BY_APPLICATION, text)
    clearTimeout(this.#lastWords)
    this.#lastWords = setTimeout(end, heard ? FAREWELL : 0)
    this.options.target.close(reason)
  }

  /** The policy has changed: ends what it no longer allows, and returns how much that was. */
  rejudge(): number {
    return rejudge(this)
  }

  /** A grant has ended: ends what ran under it, and returns how much that was. */
  endGranted(grant: string, why: string): number {
    return endGranted(this, grant, why)
  }

  #received(from: Peer, payload: Buffer): void {
    // Once it is to end, all that an agent may still do is to make room for the reason.
    const ending = this.#terminated !== undefined && from === 'agent'
    if (this.#ended || (ending && payload[0] !== MSG.CHANNEL_WINDOW_ADJUST)) return
    try {
      this.#message(from, payload)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.violation(`malformed message from the ${from}: ${reason}`)
    }
    this.#regulate()
  }

  /** Reads from nobody while much is unsent: neither what is passed on, nor what is answered, may pile up. */
  #regulate(): void {
    const { agent, target } = this.options
    const full = agent.link.writableLength > HIGH_WATER || target.link.writableLength > HIGH_WATER
    if (full === this.#paused) return
    this.#paused = full
    for (const { link } of [agent, target]) {
      if (full) link.pause()
      else link.resume()
    }
  }

  #message(from: Peer, payload: Buffer): void {
    const type = payload[0] ?? 0
    const fromAgent = from === 'agent'
    switch (type) {
      case MSG.GLOBAL_REQUEST:
        return fromAgent ? this.#globals.fromAgent(payload) : this.#globals.fromTarget(payload)
      case MSG.REQUEST_SUCCESS:
      case MSG.REQUEST_FAILURE:
        return this.#globals.answered(from, payload)
      case MSG.CHANNEL_OPEN:
        if (this.#atCap(from, payload)) return
        return fromAgent ? openFromAgent(this, payload) : openFromTarget(this, payload)
    }
    const channel = this.channels.get(payload.readUInt32BE(1))
    if (channel === undefined)
      return this.violation(`message ${type} of the ${from} for no channel`)
    const leg = fromAgent ? channel.agent : channel.target
    if (leg.closeReceived) return
    const opening = type === MSG.CHANNEL_OPEN_CONFIRMATION || type === MSG.CHANNEL_OPEN_FAILURE
    if (!opening && leg.state !== 'open') {
      return this.violation(`message ${type} of the ${from} for a channel that is not open`)
    }
    const outward = fromAgent ? channel.up : channel.down
    if (outward.crowded)
      return this.violation(`the ${from} sends more than is passed on, in too small pieces`)
    const inward = fromAgent ? channel.down : channel.up
    switch (type) {
      case MSG.CHANNEL_DATA:
      case MSG.CHANNEL_EXTENDED_DATA:
        return dataReceived(this, channel, outward, payload)
      case MSG.CHANNEL_WINDOW_ADJUST:
        return leg.discarding ? undefined : inward.widen(payload.readUInt32BE(5))
      case MSG.CHANNEL_OPEN_CONFIRMATION:
        return openConfirmed(this, channel, leg, payload)
      case MSG.CHANNEL_OPEN_FAILURE:
        return openFailed(this, channel, leg, payload)
      case MSG.CHANNEL_EOF:
        return eofReceived(channel, leg, outward)
      case MSG.CHANNEL_CLOSE:
        return closeReceived(this, channel, leg)
      case MSG.CHANNEL_REQUEST:
        return fromAgent
          ? requestFromAgent(this, channel, payload)
          : requestFromTarget(this, channel, payload)
      case MSG.CHANNEL_SUCCESS:
      case MSG.CHANNEL_FAILURE:
        if (leg.answered(type === MSG.CHANNEL_SUCCESS)) return
        return this.violation(`the ${from} answered a request that nobody made`)
      default:
        return this.violation(`message ${type} of the ${from} is not of the connection protocol`)
    }
  }

  /** Every refusal is written down, which costs more than to ask; so there is an end to them. */
  #report(options: RelayOptions, event: string, detail: Readonly<Record<string, unknown>>): void {
    if (this.#ended) return
    options.report(event, detail)
    if (!event.endsWith('-refused') && event !== 'decide.denied') return
    this.#refusals += 1
    if (this.#refusals === MAX_REFUSALS) this.violation('too many requests that are refused')
  }

  #atCap(who: Peer, payload: Buffer): boolean {
    if (this.channels.size < this.options.maxChannels) return false
    const reader = createReader(payload)
    reader.u8()
    const type = reader.text()
    const sender = reader.u32()
    const reason = 'too many channels'
    this.options.report('relay.open-refused', { by: who, type: excerpt(type), reason })
    this.options[who].send(
      openFailure(sender, OPEN_FAILURE.RESOURCE_SHORTAGE, 'sallyport: too many channels'),
    )
    return true
  }

  #targetGone(reason: string): void {
    if (this.#ended || this.#terminated !== undefined) return
    const words = excerpt(reason)
    this.options.recorder.event('target.closed', { reason: words })
    const end = (): void => {
      this.options.agent.disconnect(DISCONNECT.CONNECTION_LOST, 'sallyport: the target is gone')
      this.#end(`target: ${words}`)
    }
    // What the target said before it went may still wait to be written; it reaches the agent first, if it takes it.
    this.#lastWords = setTimeout(end, LAST_WORDS)
    this.channels.whenQuiet(end)
  }

  #end(reason: string): void {
    if (this.#ended) return
    this.#ended = true
    clearTimeout(this.#lastWords)
    for (const channel of this.channels) channel.lose()
    this.channels.clear()
    this.options.agent.close(reason)
    this.options.target.close(reason)
    this.options.recorder.close(reason)
  }
}
