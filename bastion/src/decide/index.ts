export type { ApprovalTerms } from './approval.ts'
export {
  reservedRules,
  type Allowed,
  type Decision,
  type Denied,
  type Effect,
  type Held,
  type Settled,
} from './decision.ts'
export { parsePolicy, type ParsedPolicy, type ParsePolicyOptions } from './parse-policy.ts'
export { withoutWaiting } from './refusal.ts'
export { createPolicy, type Policy } from './policy.ts'
export type {
  DecisionIdentity,
  DecisionQuestion,
  DecisionRequest,
  DecisionScope,
  DecisionTarget,
  FileOperation,
  FileVia,
} from './request.ts'
export type { PolicyProblem } from './rules/source.ts'
