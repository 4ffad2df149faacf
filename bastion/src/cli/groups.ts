import type { Command } from 'commander'
import type { CommandOptions } from './command.ts'

export interface GroupOptions extends CommandOptions {
  /** Sets the code that the program ends with. */
  readonly end: (code: number) => void
}

/** Adds a group of commands. */
export type AddGroup = (program: Command, options: GroupOptions) => void

/** By the first word of a command: each needs little of the bastion, and to load it all takes a second. */
const groups: Readonly<Record<string, () => Promise<AddGroup>>> = {
  policy: async () => (await import('./policy-commands.ts')).addPolicyCommands,
  cert: async () => (await import('./cert-commands.ts')).addCertCommands,
  session: async () => (await import('./session-commands.ts')).addSessionCommands,
  approval: async () => (await import('./approval-commands.ts')).addApprovalCommands,
  authority: async () => (await import('./authority-commands.ts')).addAuthorityCommands,
  target: async () => (await import('./target.ts')).addTargetCommands,
  key: async () => (await import('./key-commands.ts')).addKeyCommands,
}

/** Returns the group that `name` begins a command of; all of them when there is no such, for the help. */
export async function groupsFor(name: string | undefined): Promise<readonly AddGroup[]> {
  const own = name !== undefined && Object.hasOwn(groups, name) ? groups[name] : undefined
  if (own !== undefined) return [await own()]
  if (name === 'serve' || name === 'quickstart') return []
  return Promise.all(Object.values(groups).map((load) => load()))
}
