import type { Command } from 'commander'
import { addCommand, consoleFor, type CommandOptions, type Common } from './command.ts'
import { listSessions, terminateSession } from './session.ts'

/** Adds what open connections are looked at and ended with. */
export function addSessionCommands(program: Command, options: CommandOptions): void {
  const at = consoleFor(options)
  const session = program.command('session').description('look at what is open, and end it')
  addCommand(session, 'list', 'show the connections that are open').action(
    async (given: Common) => {
      await listSessions(given.config, at(given))
    },
  )
  addCommand(session, 'terminate <id>', 'end the connection or recording of this id')
    .requiredOption('--reason <text>', 'why; the agent reads it too')
    .action(async (id: string, given: Common & { reason: string }) => {
      await terminateSession(given.config, id, given.reason, at(given))
    })
}
