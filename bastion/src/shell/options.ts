import type { ShellHost } from './host.ts'

export interface TerminalSize {
  readonly cols: number
  readonly rows: number
}

export interface ShellTerminal extends TerminalSize {
  readonly type: string
}

export interface ShellLimits {
  /** Bytes of one line. */
  readonly line: number
  /** Bytes of one paste. */
  readonly paste: number
  /** Bytes of a script on standard input. */
  readonly script: number
  /** Commands in such a script. */
  readonly scriptLines: number
  /** Milliseconds until such a script must have arrived in full. */
  readonly scriptTime: number
  /** Bytes that wait while the agent or the target takes no more. */
  readonly backlog: number
  /** Milliseconds from an interrupt until the command's channel is closed. */
  readonly interruptTime: number
}

export const defaultShellLimits: ShellLimits = {
  line: 8 << 10,
  paste: 64 << 10,
  script: 64 << 10,
  scriptLines: 1000,
  scriptTime: 30_000,
  backlog: 64 << 10,
  interruptTime: 2000,
}

export interface ShellOptions {
  readonly host: ShellHost
  /** Without one, standard input is a script. */
  readonly terminal?: ShellTerminal
  readonly login: string
  readonly target: string
  readonly limits?: Partial<ShellLimits>
  /** Calls `run` once after some milliseconds; returns what takes that back. */
  readonly after?: (milliseconds: number, run: () => void) => () => void
}

/** A shell whose lines are judged one by one. It is fed by its channel and never throws. */
export interface GuardedShell {
  /** False while it would only keep what it is given. */
  readonly wantsInput: boolean
  input(bytes: Buffer): void
  endOfInput(): void
  resize(size: TerminalSize): void
  /** A signal that the agent asked for, without `SIG`. */
  signal(name: string): void
  /** The host or a run accepts again. */
  resume(): void
  /** The channel is gone: what runs is given up, and nothing is written any more. */
  close(): void
}

/** Returns what calls `run` later, by the timers of the runtime. */
export function afterMilliseconds(milliseconds: number, run: () => void): () => void {
  const timer = setTimeout(run, milliseconds)
  return () => clearTimeout(timer)
}
