import type { CommandEffect, Unfolded } from './effects/index.ts'
import { type Misfit, refuseProgram } from './match/index.ts'
import type { SimpleCommand } from './parse/index.ts'
import type { Denied } from './decision.ts'
import { deny, denyByRule, nameRule } from './refusal.ts'
import { denyVariables, refuseVariables } from './judge-variables.ts'
import type { DecisionScope } from './request.ts'
import type { RuleBook } from './rules/book.ts'
import type { RunRule } from './rules/compile.ts'

const maxNearest = 3

/** What the rules say of one command; where they permit it, `command` is what to send. */
export type Verdict =
  | { readonly kind: 'none'; readonly denied: Denied }
  | {
      readonly kind: 'permitted'
      readonly rules: readonly RunRule[]
      readonly command: SimpleCommand
      readonly cleanEnv: boolean
    }

/** Returns the refusal by the first deny rule that matches a command or anything that it runs. */
export function findDenied(
  book: RuleBook,
  scope: DecisionScope,
  commands: readonly Unfolded[],
): Denied | undefined {
  for (const { effect, inside } of commands) {
    const rule = book
      .runRules('deny', effect.argv[0] ?? '')
      .find((one) => one.run.refuse(effect) === undefined && one.applies(scope))
    if (rule !== undefined) return denyByRule(rule, describe(effect))
    const variable = denyVariables(book, scope, effect)
    if (variable !== undefined) return variable
    if (inside.kind === 'commands') {
      const within = findDenied(book, scope, inside.parts)
      if (within !== undefined) return within
    }
    if (inside.kind === 'closed') {
      const [among] = findAmong(book, scope, 'deny', effect, inside.words)
      if (among !== undefined) return denyByRule(among, `a word of ${describe(effect)}`)
    }
  }
  return undefined
}

/** Returns the approve rules that match a command or anything that it runs. */
export function findApproving(
  book: RuleBook,
  scope: DecisionScope,
  commands: readonly Unfolded[],
): readonly RunRule[] {
  return commands.flatMap(({ effect, inside }) => {
    const own = book.runRules('approve', effect.argv[0] ?? '').filter(({ run, applies }) => {
      // The words that are still to come could be those.
      const refuse = effect.open ? run.refuseAmong : run.refuse
      // A redirect that the rule does not list may keep it from letting the command go, not from asking.
      return refuse({ ...effect, redirects: [] }) === undefined && applies(scope)
    })
    if (inside.kind === 'nothing') return own
    if (inside.kind === 'commands') return [...own, ...findApproving(book, scope, inside.parts)]
    return [...own, ...findAmong(book, scope, 'approve', effect, inside.words)]
  })
}

// What cannot be followed is taken for what a rule would match from any of its words on. A rule that
// matches from some word on also matches from the first one that is its program, so it is asked once, and
// once for each word.
function findAmong(
  book: RuleBook,
  scope: DecisionScope,
  kind: 'deny' | 'approve',
  effect: CommandEffect,
  words: readonly string[],
): readonly RunRule[] {
  const found: RunRule[] = []
  const asked = new Set<RunRule>()
  const seen = new Set<string>()
  for (const [at, word] of words.entries()) {
    if (seen.has(word)) continue
    seen.add(word)
    const command = { ...effect, argv: words.slice(at) }
    for (const rule of book.runRules(kind, word)) {
      if (asked.has(rule) || !rule.applies(scope)) continue
      const misfit = rule.run.refuseAmong(command)
      if (misfit === undefined) found.push(rule)
      if (misfit?.word !== 0) asked.add(rule)
    }
  }
  return found
}

/**
 * Returns what the rules say of a command: by rules that speak of it as it stands, by rules that speak
 * of everything that it runs, or by the stricter of both where both permit it.
 */
export function weigh(book: RuleBook, scope: DecisionScope, unfolded: Unfolded): Verdict {
  const whole = weighWhole(book, scope, unfolded)
  const { inside } = unfolded
  if (inside.kind === 'nothing') return whole
  if (inside.kind === 'closed')
    return whole.kind === 'permitted' || whole.denied.rule !== 'default'
      ? whole
      : {
          kind: 'none',
          denied: {
            ...deny('unparsable', inside.reason),
            reason: `${inside.reason}; ${whole.denied.reason}`,
          },
        }
  const within = weighParts(book, scope, unfolded, inside)
  if (whole.kind === 'none') return within
  if (within.kind === 'none') return whole
  const cleanEnv = whole.cleanEnv || within.cleanEnv
  return { ...(waits(within) ? within : whole), cleanEnv }
}

function weighWhole(book: RuleBook, scope: DecisionScope, { command, effect }: Unfolded): Verdict {
  const refused = refuseProgram(effect.argv)
  if (refused !== undefined) return { kind: 'none', denied: deny('unparsable', refused) }
  const [program = ''] = effect.argv
  const matching = (kind: 'allow' | 'approve'): readonly RunRule[] =>
    book
      .runRules(kind, program)
      .filter((rule) => rule.run.refuse(effect) === undefined && rule.applies(scope))
  const approving = matching('approve')
  const allowing = matching('allow')
  // One allow rule is enough; all who must agree have to.
  const rules = approving.length > 0 ? approving : allowing.slice(0, 1)
  if (rules.length === 0) return { kind: 'none', denied: denyByDefault(book, scope, effect) }
  const cleanEnv = [...approving, ...allowing].some(({ run }) => run.cleanEnv)
  return { kind: 'permitted', rules, command, cleanEnv }
}

function weighParts(
  book: RuleBook,
  scope: DecisionScope,
  { command }: Unfolded,
  { parts, rebuild }: Unfolded['inside'] & { readonly kind: 'commands' },
): Verdict {
  const rules: RunRule[] = []
  const sent: SimpleCommand[] = []
  let cleanEnv = false
  for (const part of parts) {
    const denied = refuseVariables(book, scope, part.effect)
    if (denied !== undefined) return { kind: 'none', denied }
    const verdict = weigh(book, scope, part)
    if (verdict.kind === 'none') return verdict
    rules.push(...verdict.rules)
    sent.push(verdict.command)
    cleanEnv ||= verdict.cleanEnv
  }
  return { kind: 'permitted', rules, command: { ...command, argv: rebuild(sent) }, cleanEnv }
}

function waits({ rules }: Verdict & { readonly kind: 'permitted' }): boolean {
  return rules.some(({ effect }) => effect === 'approve')
}

function denyByDefault(book: RuleBook, scope: DecisionScope, effect: CommandEffect): Denied {
  const program = JSON.stringify(effect.argv[0]) + accountOf(effect)
  const nearest: string[] = []
  for (const kind of ['approve', 'allow'] as const)
    for (const rule of book.runRules(kind, effect.argv[0] ?? '')) {
      if (nearest.length === maxNearest) break
      const misfit = rule.run.refuse(effect)
      if (misfit === undefined || misfit.word === 0 || !rule.applies(scope)) continue
      nearest.push(`${nameRule(rule)}: ${describeMisfit(misfit, effect)}`)
    }
  const said = `${describe(effect)}, matches no rule`
  return {
    effect: 'deny',
    rule: 'default',
    message:
      nearest.length > 0 ? `no rule allows this use of ${program}` : `no rule allows ${program}`,
    reason: nearest.length > 0 ? `${said}; nearest: ${nearest.join('; ')}` : said,
  }
}

function describeMisfit({ word, expected }: Misfit, effect: CommandEffect): string {
  const found = effect.argv[word]
  const where = `word ${word + 1}`
  return found === undefined
    ? `${where}: expected ${expected}`
    : `${where} is ${JSON.stringify(found)}: expected ${expected}`
}

function describe(effect: CommandEffect): string {
  const more = effect.open ? ' and more words' : ''
  const through = effect.through.length === 0 ? '' : ` through ${effect.through.join(', ')}`
  return `${JSON.stringify(effect.argv)}${more}${accountOf(effect)}${through}`
}

function accountOf({ runAs }: CommandEffect): string {
  return runAs === undefined ? '' : ` as ${runAs}`
}
