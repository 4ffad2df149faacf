export { explainPolicy, type ExplainPolicyOptions } from './policy-explain.ts'
export { testPolicy, type TestPolicyOptions } from './policy-test.ts'
export { checkPolicy, type CheckPolicyOptions } from './policy.ts'
export {
  decideApproval,
  listApprovals,
  showApproval,
  type ApprovalCommand,
  type Call,
  type Decision,
} from './approval.ts'
export { addKey, generateKek, listKeys } from './key.ts'
export {
  decideExport,
  exportVaultKey,
  listExports,
  type ExportDecision,
  type ExportOptions,
} from './key-export.ts'
export { acceptGeneration, rewrapVault } from './key-vault.ts'
export type { Teller } from './running.ts'
export { planLines } from './plan-lines.ts'
export { run, type Output } from './program.ts'
