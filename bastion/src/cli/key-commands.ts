import { InvalidArgumentError, Option, type Command } from 'commander'
import { addCommand, consoleFor, type CommandOptions, type Common } from './command.ts'
import { generateKek, listKeys, saySealing } from './key.ts'
import type { KeySelection } from './key-call.ts'
import { repairKeys, showPlaces, verifyKeys } from './key-places.ts'
import { showSchedules } from './key-schedule.ts'
import { planRotation, rollbackKey, rotateKeys, steerRun, type RotateTerms } from './rotate.ts'
import { addVaultCommands } from './vault-commands.ts'
import { watchRun } from './watch/index.ts'

type Chosen = Common & Omit<KeySelection, 'keys'>

/** The option by which somebody goes past a freeze. */
const DESPITE = ['--despite-freeze <reason>', 'go past a freeze, and say why'] as const

/** Adds the commands about the keys for the targets. */
export function addKeyCommands(program: Command, options: CommandOptions): void {
  const { say, account, failed } = options
  const at = consoleFor(options)
  const unless = (done: boolean): void => {
    if (!done) failed()
  }
  const key = program.command('key').description('manage the keys for the targets')
  key
    .command('init <file>')
    .description('make the file with the key that seals the vault')
    .action(generateKek)
  addCommand(key, 'list', 'show the public halves, and what seals each key').action(
    async ({ config, json }: Common) => listKeys(config, json, { say, account }),
  )
  addVaultCommands(key, { say, account })
  addCommand(key, 'show', 'show every login at a target with its key, and how it stands').action(
    async (given: Common) => {
      await showPlaces(given.config, at(given))
      if (!given.json) await saySealing(given.config, { say, account })
    },
  )
  addCommand(key, 'schedule', 'show the schedules and freezes, and when keys are due').action(
    async (given: Common) => showSchedules(given.config, at(given)),
  )
  chosen(key, 'verify [keys...]', 'log in everywhere with the keys that are in use').action(
    async (keys: string[], given: Chosen) => {
      unless(await verifyKeys(given.config, { ...given, keys }, at(given)))
    },
  )
  chosen(key, 'repair [keys...]', 'let the keys in use in again where they are refused').action(
    async (keys: string[], given: Chosen) => {
      unless(await repairKeys(given.config, { ...given, keys }, at(given)))
    },
  )
  chosen(key, 'rotate [keys...]', 'put new keys in the place of those in use')
    .option('--dry-run', 'only look, and say what stands against it', false)
    .option('--stop-after <failures>', 'begin no further key then', count, 3)
    .option('--detach', 'do not wait for the end', false)
    .option(...DESPITE)
    .addOption(
      new Option('--type <type>', 'what the new keys are').choices(['ed25519', 'ecdsa', 'rsa']),
    )
    .action(async (keys: string[], given: Chosen & RotateTerms & { readonly dryRun: boolean }) => {
      const selection = { ...given, keys }
      unless(
        given.dryRun
          ? await planRotation(given.config, selection, at(given))
          : await rotateKeys(given.config, selection, given, at(given)),
      )
    })
  addCommand(key, 'rollback <key>', 'go back to the version before the one in use')
    .option(...DESPITE)
    .action(async (id: string, given: Common & { readonly despiteFreeze?: string }) => {
      unless(await rollbackKey(given.config, id, given.despiteFreeze, at(given)))
    })
  addCommand(key, 'watch <run>', 'show how a run goes on until it ends').action(
    async (run: string, given: Common) => {
      unless(await watchRun(given.config, run, at(given)))
    },
  )
  for (const how of ['pause', 'resume', 'cancel'])
    addCommand(key, `${how} <run>`, `${how} a run of rotations`).action(
      async (run: string, given: Common) => steerRun(given.config, run, how, at(given)),
    )
}

function chosen(parent: Command, name: string, description: string): Command {
  return addCommand(parent, name, description)
    .option('--target <name>', 'the keys of this target; may be given again', collect, [])
    .option('--label <name=value>', 'the keys of the targets with this label', label, [])
}

function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text]
}

function label(text: string, before: readonly string[]): readonly string[] {
  if (/^[^=]+=./.test(text)) return [...before, text]
  throw new InvalidArgumentError('a label is written name=value')
}

function count(text: string): number {
  if (/^[1-9][0-9]{0,3}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('a number from 1 to 9999')
}
