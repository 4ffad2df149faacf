import { InvalidArgumentError, type Command } from 'commander'
import { addCommand, consoleFor, type CommandOptions, type Common } from './command.ts'
import { onboardTarget } from './target-onboard.ts'
import { verifyTargets } from './target-verify.ts'

/** Adds to `target` what new targets are set up and tried with. */
export function addOnboardingCommands(target: Command, options: CommandOptions): void {
  const { failed } = options
  const at = consoleFor(options)
  addCommand(
    target,
    'onboard <name>',
    'print what makes the sshd of a target take our certificates',
  )
    .option('--folder <folder>', 'where its sshd_config lies', folderName, '/etc/ssh')
    .action(async (name: string, given: Common & { readonly folder: string }) => {
      const { config, folder } = given
      await onboardTarget({ config, name, folder }, at(given))
    })
  addCommand(target, 'verify [name]', 'log in with each login that is configured, and run `true`')
    .option('--all', 'of all targets', false)
    .action(async (name: string | undefined, given: Common & { all: boolean }, self: Command) => {
      if ((name === undefined) !== given.all) {
        self.error('error: name one target, or say --all', { exitCode: 2 })
      }
      if (!(await verifyTargets({ config: given.config, name }, at(given)))) failed()
    })
}

/** It goes into a shell script and into sshd_config as it is. */
function folderName(text: string): string {
  if (/^(\/[A-Za-z0-9._-]+)+$/.test(text)) return text
  throw new InvalidArgumentError('an absolute path of letters, digits and . _ -')
}
