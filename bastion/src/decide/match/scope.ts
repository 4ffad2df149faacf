import type { DecisionScope } from '../request.ts'
import { matchesWildcard } from './wildcard.ts'

/** A name in full, or a glob whose `*` crosses neither `/` nor `:`. */
export type NamePattern = string | { readonly glob: string }

type Scalar = string | number | boolean

/** What a claim or a label must be: a value, one of several, or like a glob. */
export type ValuePattern = Scalar | readonly Scalar[] | { readonly glob: string }

export interface WhoPattern {
  readonly groups?: readonly NamePattern[] | undefined
  readonly identities?: readonly NamePattern[] | undefined
  readonly claims?: Readonly<Record<string, ValuePattern>> | undefined
}

export interface WherePattern {
  readonly targets?: readonly NamePattern[] | undefined
  readonly logins?: readonly NamePattern[] | undefined
  readonly labels?: Readonly<Record<string, ValuePattern>> | undefined
}

export type ScopeMatcher = (scope: DecisionScope) => boolean

type TextMatcher = (text: string) => boolean

/** Returns whether a rule speaks of a request: every condition that it states must hold. */
export function compileScope(who: WhoPattern = {}, where: WherePattern = {}): ScopeMatcher {
  const conditions: ScopeMatcher[] = []
  if (who.groups !== undefined) {
    const named = compileNames(who.groups)
    conditions.push(({ identity }) => identity.groups.some(named))
  }
  if (who.identities !== undefined) {
    const named = compileNames(who.identities)
    conditions.push(({ identity }) => named(identity.name))
  }
  for (const [name, pattern] of Object.entries(who.claims ?? {})) {
    const matches = compileValue(pattern)
    conditions.push(({ identity }) => holds(identity.claims, name, matches))
  }
  if (where.targets !== undefined) {
    const named = compileNames(where.targets)
    conditions.push(({ target }) => named(target.name))
  }
  if (where.logins !== undefined) {
    const named = compileNames(where.logins)
    conditions.push(({ login }) => named(login))
  }
  for (const [name, pattern] of Object.entries(where.labels ?? {})) {
    const matches = compileValue(pattern)
    conditions.push(({ target }) => holds(target.labels, name, matches))
  }
  return (scope) => conditions.every((condition) => condition(scope))
}

function compileNames(patterns: readonly NamePattern[]): TextMatcher {
  const matchers = patterns.map((pattern) =>
    typeof pattern === 'string' ? exactly([pattern]) : like(pattern.glob),
  )
  return (name) => matchers.some((matches) => matches(name))
}

function compileValue(pattern: ValuePattern): TextMatcher {
  if (typeof pattern !== 'object') return exactly([String(pattern)])
  return 'glob' in pattern ? like(pattern.glob) : exactly(pattern.map(String))
}

function exactly(texts: readonly string[]): TextMatcher {
  return (text) => texts.includes(text)
}

function like(glob: string): TextMatcher {
  return (text) =>
    text !== '' && matchesWildcard(glob, text, { separators: '/:', leadingDot: true })
}

// A claim may be a list; one fitting member is enough. A claim that is not there never fits.
function holds(
  values: Readonly<Record<string, unknown>>,
  name: string,
  matches: TextMatcher,
): boolean {
  if (!Object.hasOwn(values, name)) return false
  const value = values[name]
  const members: readonly unknown[] = Array.isArray(value) ? value : [value]
  return members.some((member) => {
    const text = scalarText(member)
    return text !== undefined && matches(text)
  })
}

// Above 2^53 two different numbers of a JSON text may read as one.
function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  return Number.isSafeInteger(value) ? String(value) : undefined
}
