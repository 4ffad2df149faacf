export { runAtUpstream, type CommandOptions, type CommandOutcome } from './run.ts'
export { openSubsystem, type Subsystem } from './subsystem.ts'
