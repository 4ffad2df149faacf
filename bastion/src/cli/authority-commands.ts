import { authorityKinds } from '@sallyport/keys/authority'
import { Argument, type Command } from 'commander'
import { addCommand, consoleFor, type CommandOptions, type Common } from './command.ts'
import { changeAuthority, listAuthorities } from './authority.ts'

/** Adds what the keys of the authorities are changed with, one after the other. */
export function addAuthorityCommands(program: Command, options: CommandOptions): void {
  const at = consoleFor(options)
  const authority = program
    .command('authority')
    .description('look at the keys that sign certificates, and change them')
  addCommand(authority, 'list', 'show the keys of all authorities').action(
    async (given: Common) => {
      await listAuthorities(given.config, at(given))
    },
  )
  const changes = [
    ['next', 'make the next key; it is published, and signs nothing yet'],
    ['promote', 'have the next key sign; the one before is retiring from then on'],
    ['roll-back', 'have the retiring key sign again'],
    ['retire', 'trust the retiring key no more, and remove it'],
  ] as const
  for (const [change, description] of changes) {
    addCommand(authority, change, description)
      .addArgument(new Argument('<kind>').choices(authorityKinds))
      .option('--force <reason>', 'do it in spite of what speaks against it')
      .action(async (kind: string, given: Common & { readonly force?: string }) => {
        const { config, force } = given
        await changeAuthority({ config, kind, change, force }, at(given))
      })
  }
}
