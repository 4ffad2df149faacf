import { emitLine, resolveLine, type CommandLine, type SimpleCommand } from '../parse/index.ts'
import type { PlacedCommand } from '../match/index.ts'
import type { CommandEffect, Inside, Unfolded } from './effect.ts'
import type { Peel, WrappedCommand } from './peel.ts'
import { peel } from './wrappers/known.ts'

const maxTexts = 3
const maxWrappers = 8
const maxCluster = 10

/** Where a command stands: what is around it. */
interface Surroundings {
  readonly through: readonly string[]
  readonly runAs: string | undefined
  readonly redirects: PlacedCommand['redirects']
  readonly stdin: PlacedCommand['stdin']
  /** How many texts for shells are around it. */
  readonly texts: number
}

const outside: Surroundings = {
  through: [],
  runAs: undefined,
  redirects: [],
  stdin: 'client',
  texts: 0,
}

/** Returns the commands of a resolved line, each with what it runs in turn. */
export function unfoldLine(line: CommandLine): readonly Unfolded[] {
  return unfoldCommands(line, outside)
}

function unfoldCommands({ commands }: CommandLine, around: Surroundings): readonly Unfolded[] {
  return commands.map((command, at) => {
    const fed = commands[at - 1]?.joint === '|' ? 'pipe' : around.stdin
    return unfold(command, {
      ...around,
      stdin: stdinOf(command.redirects) ?? fed,
      redirects: [...around.redirects, ...command.redirects],
    })
  })
}

function unfold(
  command: SimpleCommand,
  at: Surroundings,
  { open = false, variables = [] }: Pick<WrappedCommand, 'open' | 'variables'> = {},
): Unfolded {
  const effect: CommandEffect = {
    argv: command.argv,
    redirects: at.redirects,
    stdin: at.stdin,
    runAs: at.runAs,
    open,
    through: at.through,
    variables,
  }
  return { command, effect, inside: lookInside(command, effect, at) }
}

function lookInside(command: SimpleCommand, effect: CommandEffect, at: Surroundings): Inside {
  const { argv } = command
  const found = peel(argv)
  if (found.kind === 'nothing') return found
  if (found.kind === 'closed') return closeOff(found.reason, argv)
  // Words that are still to come could be options of the wrapper.
  if (effect.open && found.kind === 'text')
    return closeOff(`${argv[0] ?? ''} is given more words`, argv)
  const inner: Surroundings = {
    ...at,
    runAs: found.kind === 'text' ? (found.runAs ?? at.runAs) : at.runAs,
    through: [...at.through, argv[0] ?? ''],
  }
  if (inner.through.length > maxWrappers) return closeOff('wrappers nested too deep', argv)
  return found.kind === 'text'
    ? openText(found, argv, inner)
    : openWrapped(found, command, effect, inner)
}

function openText(
  { text, rebuild }: Peel & { readonly kind: 'text' },
  argv: readonly string[],
  at: Surroundings,
): Inside {
  const [program = ''] = argv
  if (at.texts >= maxTexts) return closeOff('texts for shells nested too deep', argv)
  const resolution = resolveLine(text)
  if (resolution.kind === 'unresolved')
    return closeOff(`the text for ${program} cannot be resolved: ${resolution.reason}`, argv)
  return {
    kind: 'commands',
    parts: unfoldCommands(resolution.line, { ...at, texts: at.texts + 1 }),
    rebuild: (commands) => rebuild(emitLine({ commands }).toString('utf8')),
  }
}

function openWrapped(
  { commands, rebuild }: Peel & { readonly kind: 'wraps' },
  command: SimpleCommand,
  outer: CommandEffect,
  at: Surroundings,
): Inside {
  return {
    kind: 'commands',
    parts: commands.map((wrapped) => unfoldWrapped(wrapped, command, outer, at)),
    rebuild: (parts) => rebuild(parts.map(({ argv }) => argv)),
  }
}

function unfoldWrapped(
  wrapped: WrappedCommand,
  { joint }: SimpleCommand,
  outer: CommandEffect,
  at: Surroundings,
): Unfolded {
  const writes = (wrapped.writes ?? []).map((target) => ({
    descriptor: undefined,
    operator: '>>' as const,
    target,
  }))
  const command: SimpleCommand = { argv: wrapped.argv, redirects: [], joint }
  const inner: Surroundings = {
    ...at,
    runAs: wrapped.runAs ?? at.runAs,
    redirects: [...at.redirects, ...writes],
    stdin: wrapped.unfed === true ? 'none' : at.stdin,
  }
  const open = wrapped.open === true || outer.open
  if (wrapped.plain !== true) return unfold(command, inner, { ...wrapped, open })
  return {
    command,
    effect: { ...outer, argv: wrapped.argv },
    inside: { kind: 'nothing' },
  }
}

// The last redirect of standard input is what the program reads.
function stdinOf(redirects: PlacedCommand['redirects']): PlacedCommand['stdin'] | undefined {
  const last = redirects.findLast(
    ({ operator, descriptor }) => (descriptor ?? (operator.startsWith('<') ? 0 : 1)) === 0,
  )
  if (last === undefined) return undefined
  return last.operator === '<' && last.target === '/dev/null' ? 'none' : 'file'
}

function closeOff(reason: string, argv: readonly string[]): Inside {
  // To `env -S` a `\_` is a blank.
  const words = argv.slice(1).flatMap((word) => word.split(/(?:\\_|[\s;|&()<>"'`$={}\\])+/))
  return { kind: 'closed', reason, words: words.filter((word) => word !== '').flatMap(withValues) }
}

// In `-Srm` and `-icrm` the program is the value of an option.
function withValues(word: string): readonly string[] {
  if (!/^-[A-Za-z0-9]/.test(word)) return [word]
  const most = Math.min(word.length, maxCluster)
  return [word, ...Array.from({ length: most - 2 }, (_, at) => word.slice(at + 2))]
}
