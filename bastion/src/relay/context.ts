import type { Permits } from '../authenticate/identity.ts'
import type { Link } from '../ssh/link.ts'
import type { Transport } from '../ssh/transport.ts'
import type { ChannelTable } from './channel-table.ts'
import type { Channel } from './channel.ts'
import type { Forwards } from './forwards.ts'
import type { AskApproval, ConnectionRecorder, Decide, HostKeyUpdate } from './roles.ts'

/** What a relay needs of each of its two connections. */
export interface RelayTransport extends Pick<
  Transport,
  'onClose' | 'onDrain' | 'listen' | 'send' | 'sendData' | 'disconnect' | 'close'
> {
  readonly link: Pick<Link, 'writableLength' | 'pause' | 'resume'>
}

export interface RelayOptions {
  readonly agent: RelayTransport
  readonly target: RelayTransport
  readonly permits: Permits
  readonly decide: Decide
  readonly askApproval: AskApproval
  readonly place: Place
  /** What becomes of more host keys that the target offers; left out, nobody asks for them. */
  readonly hostKeyUpdate?: HostKeyUpdate
  readonly recorder: ConnectionRecorder
  readonly maxChannels: number
  /** Called for what deserves an audit line: refusals and protocol violations. */
  readonly report: (event: string, detail: Readonly<Record<string, unknown>>) => void
}

/** Where the agent is, as its shell shows it. */
export interface Place {
  readonly login: string
  readonly target: string
  /** Programs that the policy names for it. */
  programs(): readonly string[]
}

/** What each kind of message is dealt with by: the relay, as its parts see it. */
export interface RelayContext {
  readonly options: RelayOptions
  readonly channels: ChannelTable
  readonly forwards: Forwards
  /** Set when the agent has said that it will open no more sessions. */
  noMoreSessions: boolean
  /** What this connection ran before, oldest first; only the latest are kept. */
  readonly before: readonly string[]
  /** Notes what starts now. */
  ran(title: string): void
  /** Frees the channel's number once both ends are closed. */
  release(channel: Channel): void
  /** Ends the connection because a peer broke the protocol. */
  violation(text: string): void
  /** Ends the connection because of a fault of our own. */
  failed(error: unknown): void
}
