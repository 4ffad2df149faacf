import type { Allowed, Decision, Held } from '../decide/index.ts'

export type SignalName = 'INT' | 'QUIT' | 'TERM'

/** One line that the policy let through. */
export interface ShellCommand {
  /** What goes to the target as one exec request: our own folder and variables, then `decision.send`. */
  readonly send: Buffer
  /** The line as it was typed, for lists and approvers. */
  readonly title: string
  readonly decision: Allowed | Held
}

/** How a command ended. */
export type Outcome =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'signal'; readonly name: string }
  /** The target never got it: approval was refused or ran out, or no channel could be opened. */
  | { readonly kind: 'notRun'; readonly status: number }

/** What a running command gives back. After `ended` nothing is listened to. */
export interface RunSink {
  output(stream: 1 | 2, bytes: Buffer): void
  ended(outcome: Outcome): void
}

/** A command at the target, or one that waits for approval. */
export interface Run {
  /** Takes bytes for the command's standard input; it may be called while `accepts` is false. */
  write(bytes: Buffer): void
  endInput(): void
  /** False while the target takes no more input; `GuardedShell.resume` is called when that is over. */
  accepts(): boolean
  signal(name: SignalName): void
  /** Gives the command up: its channel is closed, and nothing more is heard of it. */
  close(): void
}

/** What a guarded shell needs of the world around it. */
export interface ShellHost {
  /** The policy's decision on one line. */
  judge(line: Buffer): Decision
  /** Whether the policy lets the agent set this variable. */
  allowsVariable(name: string, value: string): boolean
  /** Names of programs for completion; taken from the policy, never from the target. */
  programs(): readonly string[]
  /** Starts a command; a held one waits for people first and says so through the sink. */
  run(command: ShellCommand, sink: RunSink): Run
  /** Records and shows bytes to the agent. With a terminal all is written to stream 1. */
  write(stream: 1 | 2, bytes: Buffer): void
  /** False while the agent takes no more output; `GuardedShell.resume` is called when that is over. */
  accepts(): boolean
  /** Told once, at the end. */
  exit(status: number): void
}
