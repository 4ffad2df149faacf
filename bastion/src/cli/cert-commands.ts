import { InvalidArgumentError, type Command } from 'commander'
import { addCommand, consoleFor, type CommandOptions, type Common } from './command.ts'
import { lift, listRevocations, revoke, type RevokeOptions } from './cert.ts'

/** Adds what certificates are revoked with, and given back. */
export function addCertCommands(program: Command, options: CommandOptions): void {
  const at = consoleFor(options)
  const cert = program.command('cert').description('revoke certificates and who holds them')
  addCommand(
    cert,
    'revoke',
    'refuse a certificate, key, identity or subject, and end what is open of it',
  )
    .option('--serial <number>', 'one certificate', serial)
    .option('--key <file or fingerprint>', 'every certificate of a key')
    .option('--identity <name>', 'every certificate of an identity')
    .option('--subject <sub>', 'every certificate of a subject of --issuer')
    .option('--issuer <issuer>', 'the issuer of --subject')
    .requiredOption('--reason <text>', 'why; whoever is refused reads it too')
    .option('--until <date>', 'when it may be forgotten; a serial after 30 days, others never')
    .action(async (given: RevokeOptions & Common, command: Command) => {
      assertOneThing(given, command)
      await revoke(given, at(given))
    })
  addCommand(cert, 'revocations', 'show what is revoked').action(async (given: Common) => {
    await listRevocations(given.config, at(given))
  })
  addCommand(cert, 'lift <id>', 'take a revocation back').action(
    async (id: string, given: Common) => {
      await lift(given.config, id, at(given))
    },
  )
}

function assertOneThing(given: RevokeOptions, command: Command): void {
  const { serial: number, key, identity, subject, issuer } = given
  const things = [number, key, identity, subject].filter((thing) => thing !== undefined)
  if (things.length !== 1) {
    command.error('error: name one of --serial, --key, --identity and --subject', { exitCode: 2 })
  }
  if ((subject === undefined) !== (issuer === undefined)) {
    command.error('error: --subject and --issuer go together', { exitCode: 2 })
  }
}

function serial(text: string): string {
  if (/^(0|[1-9][0-9]{0,19})$/.test(text)) return text
  throw new InvalidArgumentError('a serial is a decimal number, as ssh-keygen -L prints it')
}
