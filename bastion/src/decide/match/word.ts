import type { Effect } from '../decision.ts'
import { allowsPath, compilePath, couldNamePath } from './path.ts'
import { compilePattern } from './pattern.ts'
import { matchesWildcard } from './wildcard.ts'

/** How a policy describes one word: itself, or exactly one of the fields. */
export type WordPattern =
  | string
  | {
      readonly oneOf?: readonly string[] | undefined
      readonly glob?: string | undefined
      readonly path?: string | undefined
      readonly int?: readonly [number, number] | undefined
      /** A regular expression for the whole word, in the syntax of RE2. */
      readonly re?: string | undefined
      readonly any?: true | undefined
    }

export interface WordMatcher {
  /** The words that the policy spells out, when it does. */
  readonly words: readonly string[] | undefined
  /** Returns whether a word matches. */
  readonly accepts: (word: string) => boolean
  /** How a refusal names what was expected. */
  readonly expected: string
}

const decimal = /^(?:0|-?[1-9][0-9]{0,14})$/

/**
 * Returns the matcher for a word. To allow, a pattern is narrow: `glob` covers no option, no `..` and
 * no hidden name, `re` no option and no `..`, and `any` covers one line. To deny, it is wide: whatever the word could mean.
 */
export function compileWord(pattern: WordPattern, effect: Effect): WordMatcher {
  if (typeof pattern === 'string') return spelled([pattern], JSON.stringify(pattern))
  if (pattern.oneOf !== undefined)
    return spelled(pattern.oneOf, `one of ${pattern.oneOf.join(', ')}`)
  return {
    words: undefined,
    accepts: effect === 'deny' ? wide(pattern) : narrow(pattern, effect),
    expected: describe(pattern),
  }
}

function spelled(words: readonly string[], expected: string): WordMatcher {
  return { words, accepts: (word) => words.includes(word), expected }
}

type Pattern = Exclude<WordPattern, string>

function narrow(pattern: Pattern, effect: Effect): (word: string) => boolean {
  const { glob, path, int, re } = pattern
  if (glob !== undefined) return (word) => allowsGlob(glob, word)
  if (path !== undefined) {
    const compiled = compilePath(path)
    return (word) => allowsPath(compiled, word)
  }
  if (int !== undefined) return (word) => isWithin(int, word)
  if (re !== undefined) {
    const matches = compilePattern(re, effect)
    return (word) => isPlain(word) && matches(word)
  }
  return (word) => !word.includes('\n')
}

function wide(pattern: Pattern): (word: string) => boolean {
  const { glob, path, int, re } = pattern
  if (glob !== undefined)
    return (word) => matchesWildcard(glob, word, { separators: '', leadingDot: true })
  if (path !== undefined) {
    const compiled = compilePath(path)
    return (word) => couldNamePath(compiled, word)
  }
  if (int !== undefined) return (word) => Number(word) >= int[0] && Number(word) <= int[1]
  if (re !== undefined) return compilePattern(re, 'deny')
  return () => true
}

function allowsGlob(glob: string, word: string): boolean {
  return isPlain(word) && matchesWildcard(glob, word, { separators: '/', leadingDot: false })
}

function isPlain(word: string): boolean {
  if (word === '' || word.startsWith('-') || word.includes('\n')) return false
  return !(word.includes('..') && word.split('/').includes('..'))
}

function isWithin([low, high]: readonly [number, number], word: string): boolean {
  if (!decimal.test(word)) return false
  const value = Number(word)
  return value >= low && value <= high
}

function describe({ glob, path, int, re }: Pattern): string {
  if (glob !== undefined) return `a word like ${glob}`
  if (path !== undefined) return `a path like ${path}`
  if (re !== undefined) return `a word that matches ${re}`
  return int === undefined ? 'one plain word' : `a number from ${int[0]} to ${int[1]}`
}
