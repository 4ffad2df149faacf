import { InvalidArgumentError, type Command } from 'commander'
import { addCommand, type CommandOptions, type Common } from './command.ts'
import { addOnboardingCommands } from './onboarding-commands.ts'
import { BastionError } from '../errors.ts'
import { columns, fieldsOf, rowsOf } from './control.ts'
import { openTargetCaller, type TargetCaller } from './target-call.ts'
import { pinsOfKnownHosts, type PinRequest } from './target-pin.ts'
import { keyLine, quarantineLines, targetLine, targetLines } from './target-print.ts'

interface Reasoned extends Common {
  readonly reason: string
}

interface Pin extends Common {
  readonly knownHosts?: string
  readonly key?: string
  readonly authority?: string
  readonly reason?: string
}

/** Adds what targets are set up with, and what their host keys are looked at and decided with. */
export function addTargetCommands(program: Command, options: CommandOptions): void {
  const { say, account } = options
  const target = program.command('target').description('manage the host keys of the targets')
  const open = async ({ config }: Common): Promise<TargetCaller> =>
    openTargetCaller(config, account)
  const show = async (
    given: Common,
    name: string,
    verb?: string,
    body?: unknown,
  ): Promise<void> => {
    const caller = await open(given)
    const path = pathOf(name, verb)
    const answer = await caller.call({ method: verb === undefined ? 'GET' : 'POST', path, body })
    for (const line of given.json ? [JSON.stringify(answer)] : lines(answer, verb)) say(line)
  }

  addCommand(target, 'list', 'show the targets').action(async (given: Common) => {
    const caller = await open(given)
    const answer = await caller.call({ method: 'GET', path: '/api/targets' })
    const { targets } = answer
    const printed = given.json ? [JSON.stringify(answer)] : rowsOf(targets).map(targetLine)
    for (const line of printed) say(line)
  })
  addCommand(target, 'show <name>', 'show the host keys of one').action(
    async (name: string, given: Common) => show(given, name),
  )
  addCommand(target, 'pin <name>', 'trust host keys that somebody vouches for')
    .option('--known-hosts <file>', 'what a known_hosts file says of its address or name')
    .option('--key <line>', "a host key, as 'ssh-ed25519 AAAA…'")
    .option('--authority <line>', 'the key of an authority that signs its host certificates')
    .option('--reason <text>', 'how it is known')
    .action(async (name: string, given: Pin, command: Command) => {
      assertOneSource(given, command)
      await show(given, name, 'pin', await pinsOf(name, given, await open(given)))
    })
  addCommand(target, 'scan <name>', 'ask it for its host keys, and keep them as candidates').action(
    async (name: string, given: Common) => show(given, name, 'scan', {}),
  )
  addCommand(target, 'approve <name>', 'pin a candidate; this ends a quarantine')
    .argument('<fingerprint>', 'as ssh-keygen -l prints it', fingerprint)
    .requiredOption('--reason <text>', 'how it is known that the key is right')
    .action(async (name: string, key: string, { reason, ...given }: Reasoned) =>
      show(given, name, 'approve', { fingerprint: key, reason }),
    )
  addCommand(target, 'revoke <name>', 'refuse a host key or an authority for ever')
    .argument('<fingerprint>', 'as ssh-keygen -l prints it', fingerprint)
    .requiredOption('--reason <text>', 'why')
    .action(async (name: string, key: string, { reason, ...given }: Reasoned) =>
      show(given, name, 'revoke', { fingerprint: key, reason }),
    )
  addCommand(target, 'release <name>', 'end a quarantine, with the pins as they are')
    .requiredOption('--reason <text>', 'why it can be trusted again')
    .action(async (name: string, { reason, ...given }: Reasoned) =>
      show(given, name, 'release', { reason }),
    )
  addOnboardingCommands(target, options)
}

async function pinsOf(name: string, given: Pin, { config }: TargetCaller): Promise<PinRequest> {
  const { knownHosts, key, authority, reason } = given
  if (knownHosts !== undefined) {
    const entry = config.targets.find((one) => one.name === name)
    if (entry !== undefined) return pinsOfKnownHosts(knownHosts, entry, reason)
    throw new BastionError('ERR_BASTION_CONTROL', `there is no target named "${name}"`)
  }
  const kind = key === undefined ? 'authority' : 'key'
  const pinned = { kind, state: 'pinned', key: key ?? authority ?? '' } as const
  return { source: 'paste', keys: [pinned], reason: reason ?? 'given on the command line' }
}

function lines(answer: Readonly<Record<string, unknown>>, verb: string | undefined): string[] {
  const target = fieldsOf(answer['target'])
  if (verb === undefined) return [...targetLines(target)]
  const shown = new Set(Array.isArray(answer['shown']) ? answer['shown'] : [])
  const keys = rowsOf(verb === 'scan' ? target['hostKeys'] : answer['changed']).filter((key) => {
    return verb !== 'scan' || shown.has(key['fingerprint'])
  })
  const nothing = keys.length === 0 && verb === 'pin' ? ['nothing new'] : []
  const released = verb === 'release' ? [`released ${columns(target['name'])}`] : []
  return [...keys.map(keyLine), ...nothing, ...released, ...left(target)]
}

/** What somebody may not have meant to leave behind. */
function left(target: Readonly<Record<string, unknown>>): readonly string[] {
  const pinned = rowsOf(target['hostKeys']).some((key) => key['state'] === 'pinned')
  const name = columns(target['name'])
  return [
    ...quarantineLines(target),
    ...(pinned ? [] : [`${name} has no pinned key: nobody is let on to it`]),
  ]
}

function pathOf(name: string, verb: string | undefined): string {
  const path = `/api/targets/${encodeURIComponent(name)}`
  return verb === undefined ? path : `${path}/${verb}`
}

function assertOneSource({ knownHosts, key, authority }: Pin, command: Command): void {
  const given = [knownHosts, key, authority].filter((each) => each !== undefined)
  if (given.length === 1) return
  command.error('error: give one of --known-hosts, --key and --authority', { exitCode: 2 })
}

function fingerprint(text: string): string {
  if (/^SHA256:[A-Za-z0-9+/]{43}$/.test(text)) return text
  throw new InvalidArgumentError(
    'a fingerprint is SHA256: and 43 characters, as ssh-keygen -l prints it',
  )
}
