import type { Decision, Denied } from './decision.ts'
import { unfoldLine } from './effects/index.ts'
import { findDenied, weigh } from './judge-effects.ts'
import { isShellOnly, refuseProgram } from './match/index.ts'
import {
  emitLine,
  readCommandText,
  readUnjudgedText,
  resolveLine,
  type SimpleCommand,
} from './parse/index.ts'
import { deny, nameRule } from './refusal.ts'
import type { DecisionScope } from './request.ts'
import type { RuleBook } from './rules/book.ts'
import type { RunRule, UnresolvedRule } from './rules/compile.ts'

// Quoting texts within texts makes them longer; no line may grow without bound.
const maxSentBytes = 48 * 1024
// Nobody reads more than this with care.
const maxReviewedBytes = 2048

/**
 * Returns the decision on an exec request. A deny rule that matches one command of the line, or anything
 * that it runs, decides; otherwise every command needs an approve or allow rule, and what is sent on is
 * our own text. A principal with an `unresolved` rule is let through unjudged, or reviewed, where the
 * line would be refused for any other reason.
 */
export function judgeExec(book: RuleBook, scope: DecisionScope, command: Buffer): Decision {
  const gate = readCommandText(command)
  if (gate.kind === 'bytes')
    return passUnjudged(
      book,
      scope,
      command,
      deny('bytes', `the bytes of the command are refused: ${gate.reason}`),
    )
  const resolution = resolveLine(gate.text)
  if (resolution.kind === 'unresolved')
    return passUnjudged(
      book,
      scope,
      command,
      deny('unparsable', `the command cannot be resolved to plain words: ${resolution.reason}`),
    )
  const unfolded = unfoldLine(resolution.line)
  const commands = unfolded.map(({ effect }) => effect.argv)
  const denied = findDenied(book, scope, unfolded)
  if (denied !== undefined) return { ...denied, commands }
  const otherwise = (refusal: Denied): Decision =>
    passUnjudged(book, scope, command, { ...refusal, commands })

  const refused = commands.map(refuseProgram).find((reason) => reason !== undefined)
  if (refused !== undefined) return otherwise(deny('unparsable', refused))

  const rules: RunRule[] = []
  const sent: SimpleCommand[] = []
  let cleanEnv = false
  for (const [at, one] of unfolded.entries()) {
    const verdict = weigh(book, scope, one)
    if (verdict.kind === 'none')
      return otherwise({
        ...verdict.denied,
        reason: `command ${at + 1}, ${verdict.denied.reason}`,
      })
    rules.push(...verdict.rules)
    sent.push(verdict.command)
    cleanEnv ||= verdict.cleanEnv
  }
  const own = cleanEnv ? sent.find(({ argv }) => isShellOnly(argv[0] ?? '')) : undefined
  if (own !== undefined)
    return otherwise(
      deny('unparsable', `${own.argv[0] ?? ''} is the shell's own and has no clean environment`),
    )
  const send = emitLine({ commands: sent }, { cleanEnv })
  if (send.length > maxSentBytes)
    return otherwise(deny('unparsable', `longer than ${maxSentBytes} bytes once it is quoted`))
  return settle(
    [...new Set(rules)],
    sent.map(({ argv }) => argv),
    send,
  )
}

function settle(
  rules: readonly RunRule[],
  commands: readonly (readonly string[])[],
  send: Buffer,
): Decision {
  const held = rules.filter(({ effect }) => effect === 'approve')
  const deciding = held.length > 0 ? held : rules
  const shared = {
    rule: deciding.map(({ id }) => id).join(','),
    judged: true,
    commands,
    send,
    reason: rules.map(nameRule).join(', '),
  }
  if (held.length === 0) return { effect: 'allow', ...shared }
  return hold(held, shared)
}

function hold(
  rules: readonly (RunRule | UnresolvedRule)[],
  shared: Omit<Decision & { readonly effect: 'approve' }, 'effect' | 'terms'>,
): Decision {
  const terms = rules.map(({ approval }) => approval).filter((one) => one !== undefined)
  if (terms.length < rules.length)
    return {
      ...deny(shared.rule, 'nobody is named who could approve this'),
      commands: shared.commands,
    }
  return { effect: 'approve', terms, ...shared }
}

function passUnjudged(
  book: RuleBook,
  scope: DecisionScope,
  command: Buffer,
  otherwise: Denied,
): Decision {
  const rules = book.unresolvedRules.filter((one) => one.applies(scope))
  const held = rules.filter(({ effect }) => effect === 'approve')
  const [rule] = held.length > 0 ? held : rules
  if (rule === undefined) return otherwise
  const gate = readUnjudgedText(command)
  if (gate.kind === 'bytes')
    return deny('bytes', `the bytes of the command are refused: ${gate.reason}`)
  if (held.length > 0 && command.length > maxReviewedBytes)
    return deny(
      'bytes',
      `the command is longer than the ${maxReviewedBytes} bytes that are reviewed`,
    )
  const shared = { judged: false, commands: [], send: command } as const
  const because = `by ${(held.length > 0 ? held : [rule]).map(nameRule).join(', ')}; otherwise: ${otherwise.reason}`
  if (held.length > 0)
    return hold(held, {
      ...shared,
      rule: held.map(({ id }) => id).join(','),
      reason: `NOT JUDGED, to be sent as it came, ${because}`,
    })
  return {
    effect: 'allow',
    ...shared,
    rule: rule.id,
    reason: `NOT JUDGED, sent as it came, ${because}`,
  }
}
