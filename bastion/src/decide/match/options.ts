import type { Effect } from '../decision.ts'
import { compileWord, type WordMatcher, type WordPattern } from './word.ts'

/** `-x`, `-word` or `--word` alone, or one of them with the pattern of its value. */
export type OptionPattern = string | Readonly<Record<string, WordPattern>>

interface OptionUse {
  /** May stand without a value. */
  readonly flag: boolean
  readonly value: WordMatcher | undefined
}

export interface OptionMatcher {
  /** Returns how many words from `at` on are one listed option with its value; 0 for no match. */
  readonly measure: (argv: readonly string[], at: number) => number
}

/** Returns whether a program would take a word for an option: `-` alone is an operand. */
export function isOption(word: string): boolean {
  return word.length > 1 && word.startsWith('-')
}

/** Returns the matcher of the listed options; one that is not listed, or abbreviated, never matches. */
export function compileOptions(patterns: readonly OptionPattern[], effect: Effect): OptionMatcher {
  const uses = new Map<string, OptionUse>()
  for (const pattern of patterns) {
    if (typeof pattern === 'string') {
      uses.set(pattern, { flag: true, value: uses.get(pattern)?.value })
      continue
    }
    for (const [name, value] of Object.entries(pattern)) {
      const flag = uses.get(name)?.flag ?? false
      uses.set(name, { flag, value: compileWord(value, effect) })
    }
  }
  return { measure: (argv, at) => measureOption(uses, argv, at) }
}

function measureOption(
  uses: ReadonlyMap<string, OptionUse>,
  argv: readonly string[],
  at: number,
): number {
  const word = argv[at] ?? ''
  const whole = uses.get(word)
  if (whole !== undefined) return measureWhole(whole, argv[at + 1])
  if (!word.startsWith('--')) return measureCluster(uses, word, argv[at + 1])
  const equals = word.indexOf('=')
  if (equals < 0) return 0
  const value = uses.get(word.slice(0, equals))?.value
  return value?.accepts(word.slice(equals + 1)) === true ? 1 : 0
}

// An option listed both ways takes its value only after `=` or in the same word, as getopt does for
// optional values; otherwise the next word would be taken for a value that the program reads as an
// operand.
function measureWhole(use: OptionUse, next: string | undefined): number {
  if (use.flag) return 1
  return next !== undefined && use.value?.accepts(next) === true ? 2 : 0
}

function measureCluster(
  uses: ReadonlyMap<string, OptionUse>,
  word: string,
  next: string | undefined,
): number {
  for (let at = 1; at < word.length; at += 1) {
    const use = uses.get(`-${word.charAt(at)}`)
    if (use === undefined) return 0
    const attached = word.slice(at + 1)
    if (attached === '') return measureWhole(use, next)
    if (use.value !== undefined) {
      if (use.value.accepts(attached)) return 1
      // With an optional value the program would still read the rest as the value.
      return 0
    }
  }
  return 0
}
