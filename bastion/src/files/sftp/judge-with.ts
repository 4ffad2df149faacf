import { withoutWaiting } from '../../decide/refusal.ts'
import type { Decision } from '../../decide/decision.ts'
import type { DecisionQuestion } from '../../decide/request.ts'
import type { JudgeFile } from './roles.ts'

/** Returns how a filter asks a policy, for one identity, target and login. */
export function judgeWith(decide: (question: DecisionQuestion) => Decision): JudgeFile {
  return (operation) => {
    const decision = withoutWaiting(decide({ kind: 'file', via: 'sftp', operation }))
    return decision.effect === 'allow'
      ? { allowed: true, rule: decision.rule, maxBytes: decision.maxBytes }
      : { allowed: false, rule: decision.rule, message: decision.message }
  }
}
