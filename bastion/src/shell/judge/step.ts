import type { ShellCommand } from '../host.ts'

/** What a line comes to. */
export type Step =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'run'; readonly command: ShellCommand }
  /** Lines of our own, each with its end. */
  | { readonly kind: 'say'; readonly text: string }
  /** A sentence that says why, without our name before it. */
  | { readonly kind: 'refused'; readonly reason: string; readonly status: number }
  /** Without a status, that of the last command. */
  | { readonly kind: 'exit'; readonly status: number | undefined }

/** The exit status of what the policy refused. */
export const deniedStatus = 126

/** The exit status of a command of ours that was used wrongly. */
export const misusedStatus = 2

/** Returns the refusal of a wrong use of one of our own commands. */
export function misused(reason: string): Step {
  return { kind: 'refused', reason, status: misusedStatus }
}
