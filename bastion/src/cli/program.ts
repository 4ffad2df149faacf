import { readFileSync } from 'node:fs'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { serve } from './serve.ts'
import { quickstart } from './quickstart.ts'
import { EXIT } from './exit.ts'
import { groupsFor } from './groups.ts'
import { openTerminal, type TextStream } from './terminal.ts'

/** Where the command line prints. */
export interface Output {
  readonly stdout: TextStream
  readonly stderr: TextStream
}

/** Runs the command line and returns the exit code; `account` is whose it says to be, for the audit log. */
export async function run(
  args: readonly string[],
  account?: string,
  { stdout, stderr }: Output = process,
): Promise<number> {
  let code: number = EXIT.ok
  const say = (text: string): void => void stdout.write(`${text}\n`)
  const complain = (text: string): void => void stderr.write(`sallyport: ${text}\n`)
  const command = new Command('sallyport')
    .description('An SSH bastion with recorded sessions for machine identities')
    .version(version(), '--version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'sallyport: ')),
    })
  command
    .command('quickstart')
    .description('run everything on loopback, with a tour')
    .option('--data <folder>', 'where all files go', './data')
    .option('--ssh-port <port>', 'port for SSH, 0 for any free one', port, 2222)
    .option(
      '--http-port <port>',
      'port for the exchange and the review app, 0 for any free one',
      port,
      8022,
    )
    .option('--once', 'end after the tour', false)
    .action(async (options: { data: string; sshPort: number; httpPort: number; once: boolean }) => {
      code = await quickstart(options, say)
    })
  command
    .command('serve')
    .description('run a bastion')
    .requiredOption('--config <file>', 'the configuration file')
    .action(async ({ config }: { config: string }) => {
      await serve(config, say)
    })
  const end = (ended: number): void => {
    code = ended
  }
  const parts = {
    say,
    account,
    terminal: openTerminal(stdout),
    end,
    failed: () => end(EXIT.failed),
  }
  for (const add of await groupsFor(args[0])) add(command, parts)
  try {
    await command.parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    complain(error instanceof Error ? error.message : String(error))
    return EXIT.failed
  }
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

function port(text: string): number {
  const value = Number(text)
  if (!/^[0-9]{1,5}$/.test(text) || value > 65535) {
    throw new InvalidArgumentError('a port is a number from 0 to 65535')
  }
  return value
}
