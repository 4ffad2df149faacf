import { withoutWaiting, type Decision, type DecisionQuestion } from '../decide/index.ts'
import { excerpt } from '../words.ts'
import type { Channel } from './channel.ts'
import type { Decide } from './roles.ts'

/**
 * Returns what the policy of now says of a request in a channel. A variable that the agent has set there, and that may
 * no longer be set, is a refusal: it goes with whatever runs.
 */
export function decideWithVariables(
  decide: Decide,
  { variables }: Channel,
  question: DecisionQuestion,
): Decision {
  for (const [name, value] of variables) {
    const decision = withoutWaiting(decide({ kind: 'env', name, value }))
    if (decision.effect === 'deny')
      return { ...decision, message: `variable ${excerpt(name)}: ${decision.message}` }
  }
  return decide(question)
}
