import type { Command } from 'commander'
import type { Console, Terminal } from './control.ts'

/** What the groups of commands are made with. */
export interface CommandOptions {
  readonly say: (text: string) => void
  /** Who the caller says to be; undefined when nobody knows. */
  readonly account: string | undefined
  /** Undefined where nobody looks at a terminal. */
  readonly terminal?: Terminal | undefined
  /** Called when what was asked for was not done. */
  readonly failed: () => void
}

/** What every command about a bastion is given. */
export interface Common {
  readonly config: string
  readonly json: boolean
}

/** Adds a command about the bastion of a configuration file. */
export function addCommand(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .requiredOption('--config <file>', 'the configuration file of the bastion')
    .option('--json', 'print JSON', false)
}

/** Returns where a command prints to, by what it was given. */
export function consoleFor({
  say,
  account,
  terminal,
}: Pick<CommandOptions, 'say' | 'account' | 'terminal'>): (given: Common) => Console {
  return ({ json }) => ({ json, say, account, terminal })
}
