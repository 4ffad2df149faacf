import { RE2JS } from 're2js'
import type { Effect } from '../decision.ts'

const maxPatternLength = 256
const maxProgramSize = 1000
const maxWordLength = 1024

/** Returns why a regular expression cannot be used in a rule, or undefined when it can. */
export function refusePattern(pattern: string): string | undefined {
  if (pattern.length > maxPatternLength) return `longer than ${maxPatternLength} characters`
  try {
    if (RE2JS.compile(pattern).programSize() <= maxProgramSize) return undefined
    return 'too large: its repetitions add up to too many steps'
  } catch (cause) {
    return cause instanceof Error ? cause.message : 'not a regular expression'
  }
}

/**
 * Returns whether the whole of a word matches a regular expression, in time linear in its length. To
 * allow, a longer word than a kibibyte never matches; to deny, it always does.
 */
export function compilePattern(pattern: string, effect: Effect): (word: string) => boolean {
  const wide = effect === 'deny'
  const compiled = RE2JS.compile(pattern, wide ? RE2JS.DOTALL : 0)
  return (word) => (word.length > maxWordLength ? wide : compiled.matches(word))
}
