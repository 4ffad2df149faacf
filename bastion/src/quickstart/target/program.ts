/** What somebody who has logged in asks a target to run. */
export interface ProgramRequest {
  readonly kind: 'shell' | 'exec' | 'subsystem'
  /** The command of an exec, the name of a subsystem. */
  readonly text: string
  /** Set when a terminal was asked for. */
  readonly terminal?: TerminalSize & { readonly type: string }
  readonly env: Readonly<Record<string, string>>
}

export interface TerminalSize {
  readonly cols: number
  readonly rows: number
}

export type ProgramEnd =
  | { readonly kind: 'exit'; readonly status: number }
  | { readonly kind: 'signal'; readonly signal: string }

/** Where a program's output goes. Each write resolves when there is room for more. */
export interface ProgramOutput {
  stdout(bytes: Buffer): Promise<void>
  stderr(bytes: Buffer): Promise<void>
  /** Comes last, once. */
  ended(end: ProgramEnd): void
}

/** A program that runs. Whoever started it hangs up when nobody listens any more. */
export interface Program {
  /** Returns false when the program should be given time; `drained` is called when it took what it had. */
  input(bytes: Buffer): boolean
  onDrain(drained: () => void): void
  inputEnded(): void
  /** Nobody reads the standard output any more. */
  outputUnwanted: () => void
  resize(size: TerminalSize): void
  /** `name` is without SIG, as it is on the wire. */
  signal(name: string): void
  hangUp(): void
}
