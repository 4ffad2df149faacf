import { type FileCommand, readFileCommand } from '../files/commands/index.ts'
import type { Allowed, Decision, Denied } from './decision.ts'
import { flattenEffects, type Unfolded } from './effects/index.ts'
import { deny, denyByRule, nameRule } from './refusal.ts'
import type { DecisionScope, FileOperation, FileVia } from './request.ts'
import type { RuleBook } from './rules/book.ts'
import type { FilesRule, GitRule } from './rules/compile.ts'

const maxNearest = 3

/** One operation on a file, as a filter or a command asks for it. */
export interface FileQuestion {
  readonly via: FileVia
  readonly operation: FileOperation
}

/** Returns the decision on one operation: deny rules first, then the allow rule with the most room. */
export function judgeFile(
  book: RuleBook,
  scope: DecisionScope,
  { via, operation }: FileQuestion,
): Allowed | Denied {
  const what = describe(operation)
  const rules = book.filesRules.filter((rule) => rule.applies(scope))
  const matches = (rule: FilesRule): boolean => rule.files.refuse(via, operation) === undefined
  const denying = rules.find((rule) => rule.effect === 'deny' && matches(rule))
  if (denying !== undefined) return denyByRule(denying, what)
  const allowing = rules.filter((rule) => rule.effect === 'allow' && matches(rule))
  const best = allowing.toSorted((one, other) => room(other) - room(one))[0]
  if (best === undefined) return denyByDefault(rules, via, operation)
  return {
    effect: 'allow',
    rule: best.id,
    judged: true,
    commands: [],
    ...(best.files.maxBytes === undefined ? {} : { maxBytes: best.files.maxBytes }),
    reason: `${nameRule(best)} allows ${what}`,
  }
}

/**
 * Returns the decision on the sftp subsystem where rules about files speak of it, given what it is
 * without them: then each operation is judged, and a rule that allows the subsystem widens nothing.
 */
export function judgeSftp(book: RuleBook, scope: DecisionScope, otherwise: Decision): Decision {
  const rules = book.filesRules.filter((rule) => rule.files.speaksOf('sftp') && rule.applies(scope))
  if (rules.length === 0) return otherwise
  if (otherwise.effect !== 'allow' && otherwise.rule !== 'default') return otherwise
  const allowing = rules.filter((rule) => rule.effect === 'allow')
  if (allowing.length === 0) return deny('default', 'no rule allows any file over sftp here')
  return {
    effect: 'allow',
    rule: allowing.map(({ id }) => id).join(','),
    judged: true,
    commands: [],
    files: true,
    reason: `each file is judged, by ${allowing.map(nameRule).join(', ')}`,
  }
}

/**
 * Returns the decision on a line with the command of a transfer program, where rules about files or git
 * speak of it; undefined where it is a line like any other. Rules for plain commands widen nothing then.
 */
export function judgeTransfer(
  book: RuleBook,
  scope: DecisionScope,
  unfolded: readonly Unfolded[],
): Allowed | Denied | undefined {
  const [first, ...others] = unfolded
  if (first !== undefined && others.length === 0) {
    const { argv, redirects, joint } = first.command
    const decision = judgeFileCommand(book, scope, argv)
    if (decision !== undefined && redirects.length === 0 && joint === 'end') return decision
  }
  const hidden = flattenEffects(unfolded).some(
    ({ argv }) => judgeFileCommand(book, scope, argv) !== undefined,
  )
  if (!hidden) return undefined
  const alone = deny('builtin', 'a transfer must be the only command of its line')
  return { ...alone, commands: unfolded.map(({ effect }) => effect.argv) }
}

/** Returns the decision on one command, if rules about files or git speak of it. */
export function judgeFileCommand(
  book: RuleBook,
  scope: DecisionScope,
  argv: readonly string[],
): Allowed | Denied | undefined {
  const command = readFileCommand(argv)
  if (command === undefined || !isGoverned(book, scope, command)) return undefined
  const commands = [argv]
  if (command.kind === 'refused')
    return { ...deny('builtin', `${argv[0]}: ${command.reason}`), commands }
  const parts =
    command.kind === 'git'
      ? [judgeGit(book, scope, command)]
      : command.operations.map((operation) =>
          judgeFile(book, scope, { via: command.via, operation }),
        )
  const denied = parts.find((part) => part.effect === 'deny')
  if (denied !== undefined) return { ...denied, commands }
  return {
    effect: 'allow',
    rule: [...new Set(parts.map(({ rule }) => rule))].join(','),
    judged: true,
    commands,
    send: Buffer.from(command.send, 'utf8'),
    reason: [...new Set(parts.map(({ reason }) => reason))].join(', '),
  }
}

function isGoverned(book: RuleBook, scope: DecisionScope, command: FileCommand): boolean {
  const { via } = command
  return via === 'git'
    ? book.gitRules.some((rule) => rule.applies(scope))
    : book.filesRules.some((rule) => rule.files.speaksOf(via) && rule.applies(scope))
}

function judgeGit(
  book: RuleBook,
  scope: DecisionScope,
  { service, repo }: FileCommand & { kind: 'git' },
): Allowed | Denied {
  const what = `git ${service} of ${JSON.stringify(repo)}`
  const rules = book.gitRules.filter((rule) => rule.applies(scope))
  const matching = rules.filter((rule) => rule.git(service, repo) === undefined)
  const denying = matching.find(({ effect }) => effect === 'deny')
  if (denying !== undefined) return denyByRule(denying, what)
  const allowing = matching.find(({ effect }) => effect === 'allow')
  if (allowing !== undefined)
    return {
      effect: 'allow',
      rule: allowing.id,
      judged: true,
      commands: [],
      reason: `${nameRule(allowing)} allows ${what}`,
    }
  return byDefault(
    what,
    nearest(rules, (rule) => rule.git(service, repo)),
  )
}

function denyByDefault(
  rules: readonly FilesRule[],
  via: FileVia,
  operation: FileOperation,
): Denied {
  const named = rules.filter(({ files }) => files.speaksOf(via))
  return byDefault(
    `${describe(operation)} via ${via}`,
    nearest(named, (rule) => rule.files.refuse(via, operation)),
  )
}

function nearest<R extends FilesRule | GitRule>(
  rules: readonly R[],
  misfit: (rule: R) => string | undefined,
): string {
  return rules
    .filter(({ effect }) => effect === 'allow')
    .slice(0, maxNearest)
    .map((rule) => `${nameRule(rule)}: expected ${misfit(rule)}`)
    .join('; ')
}

function byDefault(what: string, near: string): Denied {
  const said = `${what} matches no rule`
  return {
    effect: 'deny',
    rule: 'default',
    message: `no rule allows ${what}`,
    reason: near === '' ? said : `${said}; nearest: ${near}`,
  }
}

function room({ files }: FilesRule): number {
  return files.maxBytes ?? Infinity
}

function describe({ op, path, to, mode, subtree }: FileOperation): string {
  const quoted = JSON.stringify(path)
  const whole = subtree === true ? ' and all below it' : ''
  const other = to === undefined ? '' : ` and ${JSON.stringify(to)}`
  const bits = mode === undefined ? '' : ` with mode ${mode.toString(8)}`
  return `${op} of ${quoted}${other}${whole}${bits}`
}
