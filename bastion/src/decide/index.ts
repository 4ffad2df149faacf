export type { ApprovalTerms } from './approval.ts'
export {
  reservedRules,
  type Allowed,
  type Decision,
  type Denied,
  type Effect,
  type Held,
  type Settled,
  type ShellMode,
} from './decision.ts'
export {
  explanationLines,
  type ExplainedPart,
  type Explanation,
  type NamedRule,
  type NearMiss,
} from './explain/index.ts'
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
export { policyJsonSchema } from './rules/json-schema.ts'
export { readQuestion } from './rules/examples.ts'
export {
  describeIssues,
  readSource,
  type PolicyProblem,
  type PolicySource,
} from './rules/source.ts'
