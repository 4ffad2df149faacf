import type { Decision, Denied } from './decision.ts'
import { readCommandText, readUnjudgedText } from './parse/index.ts'
import { deny, holdBy, nameRule } from './refusal.ts'
import type { DecisionScope } from './request.ts'
import type { RuleBook } from './rules/book.ts'
import type { RunRule, UnresolvedRule } from './rules/compile.ts'

/** What is known of a line that the rules do not permit as it reads. */
export interface Unpermitted {
  /** What it gets where no rule speaks of such lines. */
  readonly otherwise: Denied
  /** The rules that ask for approval of something in it. */
  readonly approving: readonly RunRule[]
}

/** Returns the decision on a line that only an `unresolved` rule can let through, as it came. */
export function passUnjudged(
  book: RuleBook,
  scope: DecisionScope,
  command: Buffer,
  { otherwise, approving }: Unpermitted,
): Decision {
  const reviewing = book.reviewRules.filter((one) => one.applies(scope))
  if (reviewing.length > 0) return askReaders(reviewing, command, { otherwise, approving })
  if (approving.length > 0) return otherwise
  const rule = book.unresolvedRules.find((one) => one.applies(scope))
  if (rule === undefined) return otherwise
  const gate = readUnjudgedText(command)
  if (gate.kind === 'bytes')
    return deny('bytes', `the bytes of the command are refused: ${gate.reason}`)
  return {
    effect: 'allow',
    rule: rule.id,
    judged: false,
    commands: [],
    send: command,
    reason: `NOT JUDGED, sent as it came, by ${nameRule(rule)}; otherwise: ${otherwise.reason}`,
  }
}

// What approvers read must be what a terminal shows of it, so the bytes must have passed the gate.
function askReaders(
  rules: readonly UnresolvedRule[],
  command: Buffer,
  { otherwise, approving }: Unpermitted,
): Decision {
  if (readCommandText(command).kind === 'bytes') return otherwise
  const most = Math.min(...rules.map(({ maxBytes }) => maxBytes ?? 0))
  if (command.length > most)
    return {
      ...otherwise,
      reason: `${otherwise.reason}; longer than the ${most} bytes that approvers may be shown`,
    }
  return {
    ...holdBy(
      [...approving, ...rules],
      `a text that nobody judged (otherwise: ${otherwise.reason})`,
    ),
    judged: false,
    commands: [],
    send: command,
  }
}
