export type { Outcome, Run, RunSink, ShellCommand, ShellHost, SignalName } from './host.ts'
export { openGuardedShell } from './open-guarded-shell.ts'
export {
  defaultShellLimits,
  type GuardedShell,
  type ShellLimits,
  type ShellOptions,
  type ShellTerminal,
  type TerminalSize,
} from './options.ts'
