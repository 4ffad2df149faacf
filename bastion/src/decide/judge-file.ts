import type { Decision } from './decision.ts'
import { deny, holdBy, nameRule } from './refusal.ts'
import type { DecisionScope, FileOperation, FileVia } from './request.ts'
import type { RuleBook } from './rules/book.ts'
import type { FilesRule } from './rules/compile.ts'
import { weighRules, type Weighed } from './weigh-rules.ts'

/** One operation on a file, as a filter or a command asks for it. */
export interface FileQuestion {
  readonly via: FileVia
  readonly operation: FileOperation
}

/** Returns the decision on one operation: deny rules first, then approve rules, then the allow rule with the most room. */
export function judgeFile(book: RuleBook, scope: DecisionScope, question: FileQuestion): Decision {
  const what = describe(question)
  const weighed = weighFile(book, scope, question)
  if (weighed.kind === 'denied') return weighed.denied
  if (weighed.effect === 'approve')
    return { ...holdBy(weighed.rules, what), judged: true, commands: [], send: Buffer.alloc(0) }
  const [best, ...others] = weighed.rules
  if (best === undefined) throw new TypeError('no rule allows it after all')
  const widest = others.reduce((one, other) => (room(other) > room(one) ? other : one), best)
  return {
    effect: 'allow',
    rule: widest.id,
    judged: true,
    commands: [],
    ...(widest.files.maxBytes === undefined ? {} : { maxBytes: widest.files.maxBytes }),
    reason: `${nameRule(widest)} allows ${what}`,
  }
}

/** Returns what the rules about files say of one operation. */
export function weighFile(
  book: RuleBook,
  scope: DecisionScope,
  question: FileQuestion,
): Weighed<FilesRule> {
  const { via, operation } = question
  const rules = book.filesRules.filter((rule) => rule.files.speaksOf(via) && rule.applies(scope))
  return weighRules(rules, ({ files }) => files.refuse(via, operation), describe(question))
}

/**
 * Returns the decision on the sftp subsystem where rules about files speak of it, given what it is
 * without them: then each operation is judged, and a rule that allows the subsystem widens nothing.
 */
export function judgeSftp(book: RuleBook, scope: DecisionScope, otherwise: Decision): Decision {
  const rules = book.filesRules.filter((rule) => rule.files.speaksOf('sftp') && rule.applies(scope))
  if (rules.length === 0) return otherwise
  if (otherwise.effect === 'deny' && otherwise.rule !== 'default') return otherwise
  const allowing = rules.filter((rule) => rule.effect === 'allow')
  if (allowing.length === 0) return deny('default', 'no rule allows any file over sftp here')
  if (otherwise.effect === 'approve') return { ...otherwise, files: true }
  return {
    effect: 'allow',
    rule: allowing.map(({ id }) => id).join(','),
    judged: true,
    commands: [],
    files: true,
    reason: `each file is judged, by ${allowing.map(nameRule).join(', ')}`,
  }
}

function room({ files }: FilesRule): number {
  return files.maxBytes ?? Infinity
}

function describe({ via, operation }: FileQuestion): string {
  const { op, path, to, mode, subtree } = operation
  const quoted = JSON.stringify(path)
  const whole = subtree === true ? ' and all below it' : ''
  const other = to === undefined ? '' : ` and ${JSON.stringify(to)}`
  const bits = mode === undefined ? '' : ` with mode ${mode.toString(8)}`
  return `${op} of ${quoted}${other}${whole}${bits} via ${via}`
}
