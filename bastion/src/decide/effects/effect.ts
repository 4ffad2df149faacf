import type { PlacedCommand } from '../match/index.ts'
import type { SimpleCommand } from '../parse/index.ts'
import type { Variable } from './peel.ts'

/** One thing that a line would run: a command as it stands there, or one that it runs in turn. */
export interface CommandEffect extends PlacedCommand {
  /** The names of the programs around it, outermost first. */
  readonly through: readonly string[]
  /** What the program right around it sets in its environment, each name with its value. */
  readonly variables: readonly Variable[]
}

/** A simple command with what it runs in turn. */
export interface Unfolded {
  /** What is sent for the command when its inside needs no printing of ours. */
  readonly command: SimpleCommand
  readonly effect: CommandEffect
  readonly inside: Inside
}

/**
 * What a command runs in turn. `nothing` also stands for a program that we know nothing of: only rules
 * say what it may be given. `closed` is a program that surely runs another in a way that cannot be
 * followed; `words` are the words among which that other program is.
 */
export type Inside =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'closed'; readonly reason: string; readonly words: readonly string[] }
  | {
      readonly kind: 'commands'
      readonly parts: readonly Unfolded[]
      /** Returns the words of the whole from what shall be sent for its parts. */
      readonly rebuild: (parts: readonly SimpleCommand[]) => readonly string[]
    }

/** Returns every effect of some commands, the outer before the inner. */
export function flattenEffects(commands: readonly Unfolded[]): readonly CommandEffect[] {
  return commands.flatMap(({ effect, inside }) =>
    inside.kind === 'commands' ? [effect, ...flattenEffects(inside.parts)] : [effect],
  )
}
