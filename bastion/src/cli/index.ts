export {
  decideApproval,
  listApprovals,
  showApproval,
  type ApprovalCommand,
  type Call,
  type Decision,
} from './approval.ts'
