/** What stands between one simple command and the next; `end` after the last. */
export type Joint = ';' | '&' | '&&' | '||' | '|' | 'end'

export type RedirectOperator = '>' | '>>' | '<' | '>&' | '<&'

export interface Redirect {
  /** The descriptor before the operator, one digit, or undefined for the operator's own. */
  readonly descriptor: number | undefined
  readonly operator: RedirectOperator
  /** A path, or one digit after `>&` and `<&`. */
  readonly target: string
}

export interface SimpleCommand {
  /** Never empty; quotes removed. */
  readonly argv: readonly string[]
  readonly redirects: readonly Redirect[]
  /** A last `&` is kept, a last `;` or newline is `end`. */
  readonly joint: Joint
}

/**
 * A line without groups is a flat row of simple commands: what binds tighter than what follows from
 * the joints alone, so two readings with equal rows have equal structure.
 */
export interface CommandLine {
  readonly commands: readonly SimpleCommand[]
}

export interface Unresolved {
  readonly kind: 'unresolved'
  readonly reason: string
}

export type Resolution = { readonly kind: 'resolved'; readonly line: CommandLine } | Unresolved

/** Returns the refusal to resolve a line, with the reason. */
export function unresolved(reason: string): Unresolved {
  return { kind: 'unresolved', reason }
}

/** Returns whether two readings have the same argv lists, redirects and joints. */
export function equalLines(one: CommandLine, other: CommandLine): boolean {
  return equalLists(one.commands, other.commands, equalCommands)
}

function equalCommands(one: SimpleCommand, other: SimpleCommand): boolean {
  return (
    one.joint === other.joint &&
    equalLists(one.argv, other.argv, (a, b) => a === b) &&
    equalLists(one.redirects, other.redirects, equalRedirects)
  )
}

function equalRedirects(one: Redirect, other: Redirect): boolean {
  return (
    one.descriptor === other.descriptor &&
    one.operator === other.operator &&
    one.target === other.target
  )
}

function equalLists<T>(
  one: readonly T[],
  other: readonly T[],
  equal: (a: T, b: T) => boolean,
): boolean {
  return (
    one.length === other.length &&
    one.every((item, at) => {
      const twin = other[at]
      return twin !== undefined && equal(item, twin)
    })
  )
}
