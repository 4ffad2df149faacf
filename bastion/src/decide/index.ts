export { reservedRules, type Allowed, type Decision, type Denied, type Effect } from './decision.ts'
export { parsePolicy, type ParsedPolicy, type ParsePolicyOptions } from './parse-policy.ts'
export type { Policy } from './policy.ts'
export type {
  DecisionIdentity,
  DecisionQuestion,
  DecisionRequest,
  DecisionScope,
  DecisionTarget,
} from './request.ts'
export type { PolicyProblem } from './rules/source.ts'
