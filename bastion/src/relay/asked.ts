import type { Allowed, DecisionQuestion } from '../decide/index.ts'

/** The question to which the answer let a channel run, kept to be asked again when the policy changes. */
export interface Asked extends Pick<Allowed, 'shell' | 'files'> {
  readonly question: DecisionQuestion
  /** Whether people had to agree. */
  readonly approved: boolean
  /** The grant under which it runs, whose end is its own. */
  readonly grant?: string | undefined
}
