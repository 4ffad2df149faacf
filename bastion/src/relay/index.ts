export { Half, HALF_CAP, MAX_PACKET } from './half.ts'
export { Leg, type Reply } from './leg.ts'
export { Forwards } from './forwards.ts'
export { Relay } from './relay.ts'
export { runAtTarget, type CommandSink, type OwnCommand } from './own-command.ts'
export { runProgram } from './program.ts'
export type { RelayOptions, RelayTransport } from './context.ts'
export type {
  Approval,
  ApprovalOutcome,
  AskApproval,
  HeldAsk,
  Program,
  ProgramHost,
} from './roles.ts'
