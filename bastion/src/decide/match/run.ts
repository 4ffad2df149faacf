import type { Effect } from '../decision.ts'
import type { SimpleCommand } from '../parse/index.ts'
import { compileOptions, isOption, type OptionMatcher, type OptionPattern } from './options.ts'
import { baseName, needsSpelling } from './programs.ts'
import { compileRedirects, type RedirectMatcher, type RedirectPatterns } from './redirects.ts'
import { compileWord, type WordMatcher, type WordPattern } from './word.ts'

/** How a policy describes one simple command. */
export interface RunPattern {
  /** The accounts that sudo and its like may give the command; without it, none may. */
  readonly as?: readonly string[] | undefined
  readonly argv: readonly WordPattern[]
  readonly options?: readonly OptionPattern[] | undefined
  readonly rest?:
    'any' | { readonly each: WordPattern; readonly max?: number | undefined } | undefined
  readonly stdin?: 'pipe' | 'client' | 'any' | undefined
  readonly redirects?: RedirectPatterns | undefined
  /** The line is sent so that each of its programs starts with an environment of ours. */
  readonly clean_env?: true | undefined
}

/** A command with what its place in the line makes of it. */
export interface PlacedCommand extends Pick<SimpleCommand, 'argv' | 'redirects'> {
  readonly stdin: 'client' | 'pipe' | 'file' | 'none'
  /** The account that something like sudo gives it; undefined for the login's own. */
  readonly runAs: string | undefined
  /** True when words will follow that nobody knows yet. */
  readonly open: boolean
}

export interface RunMatcher {
  readonly cleanEnv: boolean
  /** The program names that the rule spells out; undefined when it has a pattern instead. */
  readonly programs: readonly string[] | undefined
  /** Returns undefined for a match, or what did not fit, for the audit. */
  readonly refuse: (command: PlacedCommand) => Misfit | undefined
  /** The same, for words that are not all known: a rule that asks for approval must not miss its command among them. */
  readonly refuseAmong: (command: PlacedCommand) => Misfit | undefined
}

/** Why a rule does not match: the index of a word (argv.length when one is missing), and what was expected. */
export interface Misfit {
  readonly word: number
  readonly expected: string
}

/**
 * Returns the matcher of a run pattern: wide to deny, and narrow to allow, also where people must
 * approve.
 */
export function compileRun(pattern: RunPattern, effect: Effect): RunMatcher {
  const refuseAmong = compileReach(pattern.argv)
  const [head, ...operands] = pattern.argv.map((word) => compileWord(word, 'allow'))
  if (head === undefined) throw new TypeError('argv needs a program')
  if (effect === 'deny')
    return { cleanEnv: false, programs: head.words, refuse: refuseAmong, refuseAmong }
  const rest: Rest = {
    free: pattern.rest === 'any' && pattern.options === undefined,
    options: compileOptions(pattern.options ?? [], 'allow'),
    each: compileRest(pattern.rest),
    max: typeof pattern.rest === 'object' ? (pattern.rest.max ?? Infinity) : Infinity,
  }
  const redirects = compileRedirects(pattern.redirects)
  return {
    cleanEnv: pattern.clean_env === true,
    programs: head.words,
    refuse: (command) =>
      refuseHead(head, command.argv[0] ?? '') ??
      refuseStreams(pattern.stdin ?? 'any', redirects, command) ??
      refuseWords(operands, rest, command.argv) ??
      refuseOpen(rest, command) ??
      refuseAccount(pattern.as, command),
    refuseAmong,
  }
}

function compileReach(argv: RunPattern['argv']): RunMatcher['refuse'] {
  const [head, ...operands] = argv.map((word) => compileWord(word, 'deny'))
  if (head === undefined) throw new TypeError('argv needs a program')
  return (command) => refuseUnlessReached(head, operands, command)
}

interface Rest {
  /** Everything after the listed words may pass, options too. */
  readonly free: boolean
  readonly options: OptionMatcher
  readonly each: WordMatcher | undefined
  readonly max: number
}

function compileRest(rest: RunPattern['rest']): WordMatcher | undefined {
  if (rest === undefined) return undefined
  return compileWord(rest === 'any' ? { any: true } : rest.each, 'allow')
}

function refuseHead(head: WordMatcher, program: string): Misfit | undefined {
  const spelled = head.words !== undefined && head.words.length === 1
  if (!head.accepts(program)) return { word: 0, expected: head.expected }
  if (!spelled && needsSpelling(program))
    return { word: 0, expected: 'a rule that spells this program out' }
  return undefined
}

function refuseStreams(
  stdin: 'pipe' | 'client' | 'any',
  redirects: RedirectMatcher,
  command: PlacedCommand,
): Misfit | undefined {
  // A command that is fed nothing is fed nothing by the client either.
  const fed = command.stdin === 'none' ? 'client' : command.stdin
  if (stdin !== 'any' && stdin !== fed) return { word: 0, expected: `standard input from ${stdin}` }
  if (redirects(command.redirects)) return undefined
  return { word: command.argv.length, expected: 'only listed redirects' }
}

// Words that nobody knows yet may be options and anything else.
function refuseOpen(rest: Rest, { argv, open }: PlacedCommand): Misfit | undefined {
  if (!open || rest.free) return undefined
  return { word: argv.length, expected: 'a rule under which any words may follow' }
}

function refuseAccount(
  as: readonly string[] | undefined,
  { argv, runAs }: PlacedCommand,
): Misfit | undefined {
  if (as === undefined ? runAs === undefined : runAs !== undefined && as.includes(runAs))
    return undefined
  const expected = as === undefined ? 'no other account' : `the account ${as.join(' or ')}`
  return { word: argv.length, expected }
}

function refuseWords(
  operands: readonly WordMatcher[],
  rest: Rest,
  argv: readonly string[],
): Misfit | undefined {
  let next = 0
  let others = 0
  let ended = false
  let at = 1
  while (at < argv.length) {
    const word = argv[at] ?? ''
    const wanted = operands[next]
    if (wanted === undefined && rest.free) return undefined
    if (wanted?.words?.includes(word) === true) {
      // A word that the rule spells out matches in its place, even when it looks like an option.
      if (word === '--') ended = true
      next += 1
      at += 1
    } else if (!ended && word === '--') {
      ended = true
      at += 1
    } else if (!ended && isOption(word)) {
      const taken = rest.options.measure(argv, at)
      if (taken === 0) return { word: at, expected: 'a listed option' }
      at += taken
    } else {
      const matcher = wanted ?? rest.each
      if (matcher === undefined) return { word: at, expected: 'no more words' }
      if (isOption(word) || !matcher.accepts(word)) return { word: at, expected: matcher.expected }
      if (wanted === undefined) others += 1
      else next += 1
      if (others > rest.max) return { word: at, expected: `at most ${rest.max} more words` }
      at += 1
    }
  }
  const missing = operands[next]
  return missing === undefined ? undefined : { word: at, expected: missing.expected }
}

// A deny rule matches when its words occur in order, whatever stands between and after them, so that
// no added option can slip past it.
function refuseUnlessReached(
  head: WordMatcher,
  operands: readonly WordMatcher[],
  { argv, open }: PlacedCommand,
): Misfit | undefined {
  const program = argv[0] ?? ''
  if (!head.accepts(program) && !head.accepts(baseName(program)))
    return { word: 0, expected: head.expected }
  // The words that are still to come could be those.
  if (open) return undefined
  let next = 0
  for (const word of argv.slice(1)) {
    const wanted = operands[next]
    if (wanted === undefined) return undefined
    if (meaningsOf(word).some((meaning) => wanted.accepts(meaning))) next += 1
  }
  const missing = operands[next]
  return missing === undefined ? undefined : { word: argv.length, expected: missing.expected }
}

// Of `--file=x` and `-fx` also the value.
function meaningsOf(word: string): readonly string[] {
  const meanings = [word, word.slice(word.indexOf('=') + 1)]
  return /^-[^-]./s.test(word) ? [...meanings, word.slice(2)] : meanings
}
