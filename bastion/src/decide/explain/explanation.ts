import type { Decision, Effect } from '../decision.ts'

/** A rule, as an explanation names it. */
export interface NamedRule {
  readonly id: string
  readonly effect: Effect
  /** Where it stands. */
  readonly place: string
}

/** A rule that does not speak of a command, and the first reason why. */
export interface NearMiss extends NamedRule {
  readonly misfit:
    | {
        readonly kind: 'word'
        /** The index of the word; the number of words when one is missing. */
        readonly word: number
        readonly found: string | undefined
        readonly expected: string
      }
    /** For an operation on a file: the operations, paths or modes of the rule. */
    | { readonly kind: 'file'; readonly expected: string }
    | {
        readonly kind: 'conditions'
        /** Those that do not hold, by their names in the policy: `who.groups`, `when`. */
        readonly unmet: readonly string[]
      }
}

/** What the rules say of one simple command, or of one request of another kind. */
export interface ExplainedPart {
  /** Empty for anything but a command. */
  readonly argv: readonly string[]
  /** Why no rule can allow it, whatever it says. */
  readonly refused: string | undefined
  /** Strictest first. */
  readonly matching: readonly NamedRule[]
  /** Best fit first; at most a few. */
  readonly nearest: readonly NearMiss[]
  /** The account that something like sudo gives it. */
  readonly runAs?: string
  /** What it runs in turn; it is permitted where rules match it, or match all of these. */
  readonly inside?: readonly ExplainedPart[]
  /** Why what it runs in turn cannot be followed. */
  readonly closed?: string
}

/** A decision, with what every rule had to say. */
export interface Explanation {
  /** Exactly what the policy decides. */
  readonly decision: Decision
  /** Empty where a line could not be resolved to commands. */
  readonly parts: readonly ExplainedPart[]
}
