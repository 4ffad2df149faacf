import {
  afterMilliseconds,
  defaultShellLimits,
  type GuardedShell,
  type ShellOptions,
} from './options.ts'
import { ScriptShell } from './script-shell.ts'
import { TerminalShell } from './terminal-shell.ts'

/**
 * Opens the bastion's own shell for one channel. No keystroke of the agent and no byte of a script
 * reaches the target but as a command that the policy let through, or as standard input of one. It ends
 * by `host.exit`, or by `close` when the channel is gone.
 */
export function openGuardedShell(options: ShellOptions): GuardedShell {
  const { terminal, after = afterMilliseconds } = options
  const limits = { ...defaultShellLimits, ...options.limits }
  return terminal === undefined
    ? new ScriptShell({ ...options, limits, after })
    : new TerminalShell({ ...options, terminal, limits, after })
}
