import type { Decision, DecisionQuestion, Held, Settled } from '../decide/index.ts'

/** The kinds of channel that a recording tells apart. */
export type ChannelKind = 'shell' | 'exec' | 'subsystem' | 'forward' | 'agent' | 'x11'

/** Decides on one request of this connection's identity at this connection's target. */
export type Decide = (question: DecisionQuestion) => Decision

export interface Terminal {
  readonly type: string
  readonly cols: number
  readonly rows: number
}

export interface ChannelOpening {
  readonly kind: ChannelKind
  /** One line for lists: the command, or what is forwarded. */
  readonly title: string
  readonly command?: string
  readonly terminal?: Terminal
  /** Called with the number of a batch when that batch and all before it are completely written. */
  written(mark: number): void
}

/**
 * The recording of one channel. Every method returns the mark of the batch that holds what was given: a byte may leave
 * once `written` has reported its mark. The bytes given are not kept.
 */
export interface ChannelRecorder {
  output(dataType: number, bytes: Buffer): number
  input(bytes: Buffer): void
  resize(cols: number, rows: number): number
  /** `line` is what was decided on, where it is not what the channel was opened for. */
  decision(decision: Settled, line?: string): number
  note(detail: Readonly<Record<string, unknown>>): number
  /** A note that reviewers find as a chapter. */
  marker(label: string, detail: Readonly<Record<string, unknown>>): number
  exitStatus(status: number): number
  exitSignal(signal: string, coreDumped: boolean): number
  close(): void
}

/** The recording of one connection. */
export interface ConnectionRecorder {
  /** The id under which reviewers find it. */
  readonly recordingId: string
  openChannel(opening: ChannelOpening): ChannelRecorder
  /** Calls `written` once the event is completely written. */
  event(name: string, detail: Readonly<Record<string, unknown>>, written?: () => void): void
  /** Sets who is told when anything could not be written; told once. */
  onFailure(callback: (reason: string) => void): void
  close(reason: string): void
}

/** Learns more host keys of a target from the target itself; nothing of it concerns the agent. */
export interface HostKeyUpdate {
  /** Takes an offer, which may be anything, and returns the keys that are to be proven; undefined for none. */
  offered(offer: Buffer): Buffer | undefined
  /** Takes the proofs, which may be anything; undefined when the target refused to give any. */
  answered(proofs: Buffer | undefined): void
}

/** A start request that waits for people. */
export interface HeldAsk {
  readonly channel: number
  /** The request for people to read. */
  readonly title: string
  /** What the agent has set for the session, as NAME=value. */
  readonly variables: readonly string[]
  /** What the connection ran before. */
  readonly before: readonly string[]
  readonly held: Held
}

export type Approval =
  /** A grant covers it. */
  | {
      readonly kind: 'granted'
      readonly by: string
      readonly send: Buffer
      /** Set when what runs under the grant ends with it. */
      readonly endsWith?: string | undefined
    }
  /** Nobody is asked, and this is why. */
  | { readonly kind: 'rejected'; readonly message: string }
  | PendingApproval

/** People are asked. */
export interface PendingApproval {
  readonly kind: 'pending'
  readonly ticket: string
  /** Where approvers decide. */
  readonly link: string
  /** Who is asked, for the agent to read. */
  readonly waitsFor: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
  readonly outcome: Promise<ApprovalOutcome>
  cancel(reason: string): void
}

/** How people decided; `send` is the text that they were shown. */
export type ApprovalOutcome =
  | { readonly kind: 'approved'; readonly by: readonly string[]; readonly send: Buffer }
  | { readonly kind: 'refused'; readonly by: string; readonly reason: string }
  | { readonly kind: 'expired' }
  | { readonly kind: 'cancelled'; readonly reason: string }

/** Asks people about one start request of this connection. */
export type AskApproval = (ask: HeldAsk) => Approval

/** Something of our own at the far end of an agent's channel, in the target's place. */
export interface Program {
  /** The bytes are lent for the time of the call. */
  input(bytes: Buffer): void
  endOfInput(): void
  resize(cols: number, rows: number): void
  signal(name: string): void
  /** The agent has closed, or the connection has ended. */
  close(): void
}

/** What a program says to its agent. All of it is recorded before it leaves. */
export interface ProgramHost {
  say(dataType: number, bytes: Uint8Array): void
  /** Runs `run` once all that was said has left. */
  whenSaid(run: () => void): void
  /** Lets the agent send on, or not; what it was allowed to send before still comes. */
  listen(wanted: boolean): void
  /** Ends the channel. */
  exit(status: number): void
}
