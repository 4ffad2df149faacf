import type { DecisionQuestion } from '@sallyport/bastion/decide'
import { type JudgeFile, judgeWith } from '@sallyport/bastion/files/sftp'
import { ask, policyOf } from '../../decide/ask.ts'

/** Returns a judge by rules in YAML flow style. */
export function judgeOf(...rules: readonly string[]): JudgeFile {
  const policy = policyOf(...rules)
  return judgeWith((question: DecisionQuestion) => ask(policy, question))
}

export const everything: JudgeFile = () => ({ allowed: true, rule: 'everything' })
