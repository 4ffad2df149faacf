import type { ApprovalTerms } from './approval.ts'

/** How a shell is run: `guarded`, where we own the line and judge it, or `observed`, where typing is only recorded. */
export type ShellMode = 'guarded' | 'observed'

/** The request may go on. */
export interface Allowed {
  readonly effect: 'allow'
  /** The rule that allows; several rules of one line are joined by commas. */
  readonly rule: string
  /** False when what will run was not looked at: an unresolved line, or the typing in an observed shell. */
  readonly judged: boolean
  /** The argv lists that the target will run, in order; empty when nothing was resolved. */
  readonly commands: readonly (readonly string[])[]
  /** For exec only: the one text that may go to the target. */
  readonly send?: Buffer
  /** For a shell only: how it must be run. */
  readonly shell?: ShellMode
  /** For the sftp subsystem only: each of its operations is still to be judged. */
  readonly files?: true
  /** For a file that is written only: the most that it may hold. */
  readonly maxBytes?: number
  /** Whether people were asked before. */
  readonly held?: true
  /** Detail for the audit log. */
  readonly reason: string
}

/** The request may go on once people have agreed to exactly what would be sent. */
export interface Held {
  readonly effect: 'approve'
  /** The rules that ask for approval, joined by commas. */
  readonly rule: string
  /** The terms of each of these rules; all must be met. */
  readonly terms: readonly ApprovalTerms[]
  /** False when approvers are shown a text that nobody could resolve. */
  readonly judged: boolean
  /** The argv lists that the target will run, in order; empty when nothing was resolved. */
  readonly commands: readonly (readonly string[])[]
  /** The one text that may go to the target; of a shell or subsystem, which has none, what it is in words. */
  readonly send: Buffer
  /** For a shell only: how it must be run. */
  readonly shell?: ShellMode
  /** For the sftp subsystem only: each of its operations is still to be judged. */
  readonly files?: true
  /** Detail for the audit log. */
  readonly reason: string
}

/** The request is refused. */
export interface Denied {
  readonly effect: 'deny'
  /** The id of a rule, or `default`, `unparsable`, `bytes`, `builtin` when no rule was needed. */
  readonly rule: string
  /** A flat sentence for the agent. */
  readonly message: string
  /** Detail for the audit log. */
  readonly reason: string
  /** The argv lists, when the line could be resolved. */
  readonly commands?: readonly (readonly string[])[]
  /** Whether people were asked before. */
  readonly held?: true
}

/** Strictest last. */
export type Effect = 'allow' | 'approve' | 'deny'

/** A decision that waits for nobody. */
export type Settled = Allowed | Denied

export type Decision = Settled | Held

/** Rule names that decisions use by themselves, so that no rule of a policy may bear them. */
export const reservedRules: readonly string[] = ['default', 'unparsable', 'bytes', 'builtin']
