import { InvalidArgumentError, type Command } from 'commander'
import type { KeyKind } from '@sallyport/keys/vault'
import { decideExport, exportVaultKey, listExports } from './key-export.ts'
import { acceptGeneration, rewrapVault } from './key-vault.ts'
import { addKey } from './key.ts'
import type { Teller } from './running.ts'

interface AddOptions {
  readonly config: string
  readonly from?: string
  readonly type?: NonNullable<KeyKind['type']>
  readonly bits?: number
}

interface ExportGiven {
  readonly config: string
  readonly to: readonly string[]
  readonly approvedBy: readonly string[]
  readonly out: string
  readonly keyVersion?: number
}

interface Deciding {
  readonly config: string
  readonly approvedBy?: string
  readonly refusedBy?: string
}

/** Adds the commands that change the vault: of the running bastion, or of its files when none runs. */
export function addVaultCommands(key: Command, teller: Teller): void {
  vaultCommand(
    key,
    'add <id>',
    'make a new key, or import an OpenSSH or PEM private key from a file',
  )
    .option('--from <file>', 'the private key to import')
    .option('--type <type>', 'ed25519 (the default), ecdsa or rsa', keyType)
    .option('--bits <number>', 'of ecdsa (256, 384 or 521) and rsa (3072 to 8192)', wholeNumber)
    .action(async (id: string, given: AddOptions, command: Command) => {
      const { config, from, type, bits } = given
      if (from !== undefined && (type !== undefined || bits !== undefined)) {
        command.error('error: an imported key has its own type: --from stands alone', {
          exitCode: 2,
        })
      }
      const kind = {
        ...(type === undefined ? {} : { type }),
        ...(bits === undefined ? {} : { bits }),
      }
      await addKey(config, id, from ?? kind, teller)
    })
  vaultCommand(key, 'rewrap', 'seal the vault with another KEK')
    .requiredOption('--to <file>', 'a file with the new vault entry, as in the configuration')
    .action(async ({ config, to }: { config: string; to: string }) => {
      await rewrapVault(config, to, teller)
    })
  vaultCommand(key, 'accept-generation', 'go on with an old copy of the vault')
    .argument('<number>', 'its generation, as the refusal names it', wholeNumber)
    .action(async (generation: number, { config }: { config: string }) => {
      await acceptGeneration(config, generation, teller)
    })
  vaultCommand(key, 'export <id>', 'give a private key out, sealed for recipients of age')
    .requiredOption('--to <recipient>', 'age1…; more than one may open it', collect)
    .requiredOption('--approved-by <name>', 'who approves; twice while no bastion runs', collect)
    .requiredOption('--out <file>', 'the new file')
    .option('--key-version <number>', 'the active version unless told', wholeNumber)
    .action(async (id: string, { keyVersion, ...given }: ExportGiven) => {
      const version = keyVersion === undefined ? {} : { version: keyVersion }
      await exportVaultKey(id, { ...given, ...version }, teller)
    })
  vaultCommand(key, 'exports', 'show the exports that wait for a second person')
    .option('--json', 'print JSON', false)
    .action(async ({ config, json }: { config: string; json: boolean }) => {
      await listExports(config, json, teller)
    })
  for (const verdict of ['approve', 'refuse'] as const) {
    vaultCommand(key, `${verdict}-export <ticket>`, `${verdict} what another person has asked for`)
      .requiredOption(
        verdict === 'approve' ? '--approved-by <name>' : '--refused-by <name>',
        'who decides',
      )
      .action(async (ticket: string, given: Deciding) => {
        const { config, approvedBy, refusedBy } = given
        const name = approvedBy ?? refusedBy ?? ''
        await decideExport({ config, ticket, verdict, name }, teller)
      })
  }
}

function vaultCommand(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .requiredOption('--config <file>', 'the configuration file')
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

function keyType(text: string): NonNullable<KeyKind['type']> {
  if (text === 'ed25519' || text === 'ecdsa' || text === 'rsa') return text
  throw new InvalidArgumentError('a key is of type ed25519, ecdsa or rsa')
}

function wholeNumber(text: string): number {
  if (/^[0-9]{1,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('a whole number is expected')
}
