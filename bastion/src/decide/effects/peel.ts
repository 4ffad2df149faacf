/** What the words of one wrapper say about the program inside it. */
export type Peel =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'closed'; readonly reason: string }
  | {
      readonly kind: 'wraps'
      readonly commands: readonly WrappedCommand[]
      /** Returns the words of the whole, with other words for each wrapped command. */
      readonly rebuild: (commands: readonly (readonly string[])[]) => readonly string[]
    }
  | {
      /** A text for a shell. */
      readonly kind: 'text'
      readonly text: string
      readonly runAs?: string
      readonly rebuild: (text: string) => readonly string[]
    }

export type Variable = readonly [name: string, value: string]

export interface WrappedCommand {
  readonly argv: readonly string[]
  /** The account that it runs under, when the wrapper changes that. */
  readonly runAs?: string
  /** True when words follow that nobody knows yet. */
  readonly open?: boolean
  /** True when its standard input is closed. */
  readonly unfed?: boolean
  /** True when it is the wrapper itself, without what it runs. */
  readonly plain?: boolean
  /** Variables that the wrapper sets for it. */
  readonly variables?: readonly Variable[]
  /** Files that the wrapper writes to for it. */
  readonly writes?: readonly string[]
}

/** Returns what the words of a wrapper, its own name first, run. */
export type Peeler = (argv: readonly string[]) => Peel

/** Returns that a wrapper cannot be followed, and why. */
export function closed(reason: string): Peel & { readonly kind: 'closed' } {
  return { kind: 'closed', reason }
}

/** Returns the peel of a wrapper whose command is the words from `at` on. */
export function wrapsFrom(
  argv: readonly string[],
  at: number,
  more: Omit<WrappedCommand, 'argv'> = {},
): Peel {
  const inner = argv.slice(at)
  const [program] = inner
  if (program === undefined) return { kind: 'nothing' }
  // Some, as sudo after an assignment, still take it for an option.
  if (program.startsWith('-'))
    return closed(`${JSON.stringify(program)} of ${argv[0] ?? ''} may be an option`)
  return {
    kind: 'wraps',
    commands: [{ ...more, argv: inner }],
    rebuild: ([command = inner]) => [...argv.slice(0, at), ...command],
  }
}
