import { type Command, InvalidArgumentError } from 'commander'
import type { DecisionScope } from '../decide/index.ts'
import { addCommand, consoleFor, type Common } from './command.ts'
import type { GroupOptions } from './groups.ts'
import { EXIT } from './exit.ts'
import { explainPolicy } from './policy-explain.ts'
import { testPolicy } from './policy-test.ts'
import { checkPolicy, policySchemaText, reloadPolicy } from './policy.ts'

interface ExplainOptions {
  readonly identity: string
  readonly target: DecisionScope['target']
  readonly login: string
  readonly at: number | undefined
  readonly request: boolean
  readonly json: boolean
}

/** Adds the commands about policies, each of which ends with an exit code. */
export function addPolicyCommands(program: Command, options: GroupOptions): void {
  const { say, end, failed } = options
  const at = consoleFor(options)
  const policy = program.command('policy').description('look at a policy')
  policy
    .command('check <file>')
    .description('read a policy and run the tests inside it')
    .option('--json', 'print JSON', false)
    .option('--strict', 'fail on warnings too', false)
    .action(async (file: string, options: { json: boolean; strict: boolean }) => {
      end((await checkPolicy({ file, ...options, say })) ? EXIT.ok : EXIT.failed)
    })
  policy
    .command('test <file> [cases]')
    .description('run the tests inside a policy, and a file of cases')
    .option('--json', 'print JSON', false)
    .action(async (file: string, cases: string | undefined, { json }: { json: boolean }) => {
      end((await testPolicy({ file, cases, json, say })) ? EXIT.ok : EXIT.failed)
    })
  policy
    .command('explain <file> <command>')
    .description('show what a policy decides on a command, and why')
    .requiredOption('--identity <file>', 'JSON: {name, groups, claims, issuer, subject}')
    .requiredOption('--target <name>', 'NAME[,label=value...]', readTarget)
    .option('--login <login>', 'the account at the target', '')
    .option('--at <time>', 'an ISO 8601 time with its zone; now without', readTime)
    .option('--request', 'ask about pty, no-pty, a subsystem, "local HOST:PORT"… instead', false)
    .option('--json', 'print JSON', false)
    .action(async (file: string, asked: string, options: ExplainOptions) => {
      const { effect } = await explainPolicy({
        ...options,
        file,
        asked,
        at: options.at ?? Date.now(),
        say,
      })
      end({ allow: EXIT.ok, approve: EXIT.held, deny: EXIT.failed }[effect])
    })
  policy
    .command('schema')
    .description('print the JSON Schema of policy files, for editors')
    .action(() => say(policySchemaText()))
  addCommand(policy, 'reload', 'have a running bastion read its policy again').action(
    async (given: Common) => {
      if (!(await reloadPolicy(given.config, at(given)))) failed()
    },
  )
}

function readTarget(text: string): DecisionScope['target'] {
  const [name = '', ...pairs] = text.split(',')
  if (name === '') throw new InvalidArgumentError('a target begins with its name')
  const labels = pairs.map((pair): readonly [string, string] => {
    const equals = pair.indexOf('=')
    if (equals < 1) throw new InvalidArgumentError('labels are written label=value')
    return [pair.slice(0, equals), pair.slice(equals + 1)]
  })
  return { name, labels: Object.fromEntries(labels) }
}

function readTime(text: string): number {
  const at = Date.parse(text)
  if (!/^\d{4}-\d{2}-\d{2}T.*(?:Z|[+-]\d{2}:?\d{2})$/.test(text) || Number.isNaN(at))
    throw new InvalidArgumentError('a time is written 2026-03-29T08:00:00Z')
  return at
}
