import type { Effect } from '../decision.ts'
import type { DecisionScope } from '../request.ts'
import { compileWhen, type WhenPattern } from './when.ts'
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

export interface ScopePatterns {
  readonly who?: WhoPattern | undefined
  readonly where?: WherePattern | undefined
  readonly when?: WhenPattern | undefined
}

/** One condition of a rule, by its name in the policy. */
export interface ScopeCondition {
  readonly name: string
  readonly holds: (scope: DecisionScope) => boolean
}

type TextMatcher = (text: string) => boolean

/** Returns what a rule says about who asks, where to and when; it speaks of a request when all of it holds. */
export function compileScope(
  { who = {}, where = {}, when }: ScopePatterns,
  effect: Effect,
): readonly ScopeCondition[] {
  const conditions: ScopeCondition[] = []
  const add = (name: string, holds: ScopeCondition['holds']): void => {
    conditions.push({ name, holds })
  }
  if (who.groups !== undefined) {
    const named = compileNames(who.groups)
    add('who.groups', ({ identity }) => identity.groups.some(named))
  }
  if (who.identities !== undefined) {
    const named = compileNames(who.identities)
    add('who.identities', ({ identity }) => named(identity.name))
  }
  for (const [name, pattern] of Object.entries(who.claims ?? {})) {
    const matches = compileValue(pattern)
    add(`who.claims.${name}`, ({ identity }) => fits(identity.claims, name, matches))
  }
  if (where.targets !== undefined) {
    const named = compileNames(where.targets)
    add('where.targets', ({ target }) => named(target.name))
  }
  if (where.logins !== undefined) {
    const named = compileNames(where.logins)
    add('where.logins', ({ login }) => named(login))
  }
  for (const [name, pattern] of Object.entries(where.labels ?? {})) {
    const matches = compileValue(pattern)
    add(`where.labels.${name}`, ({ target }) => fits(target.labels, name, matches))
  }
  if (when !== undefined) {
    const tell = compileWhen(when)
    // Without a clock a rule that opens stays closed, and a rule that closes is closed.
    const wanted = effect === 'deny' ? ['inside', 'unknown'] : ['inside']
    add('when', ({ at }) => wanted.includes(tell(at)))
  }
  return conditions
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
function fits(
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
