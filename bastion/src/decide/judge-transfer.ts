import { type FileCommand, readFileCommand } from '../files/commands/index.ts'
import type { Decision } from './decision.ts'
import type { Unfolded } from './effects/index.ts'
import { weighFile } from './judge-file.ts'
import { baseName } from './match/index.ts'
import { deny, holdBy, nameRule } from './refusal.ts'
import type { DecisionScope } from './request.ts'
import type { RuleBook } from './rules/book.ts'
import type { FilesRule, GitRule, Rule } from './rules/compile.ts'
import { weighRules, type Weighed } from './weigh-rules.ts'

// Among words that are not followed `scp` and `rsync` may be mere names, but for these options of their servers.
const ofServer = /^(?:--server|-[a-z]*[tf][a-z]*)$/

/**
 * Returns the decision on a line with the command of a transfer program, where rules about files or git
 * speak of it; undefined where it is a line like any other. Rules for plain commands widen nothing then.
 */
export function judgeTransfer(
  book: RuleBook,
  scope: DecisionScope,
  unfolded: readonly Unfolded[],
): Decision | undefined {
  const [first, ...others] = unfolded
  if (first !== undefined && others.length === 0) {
    const { argv, redirects, joint } = first.command
    const decision = judgeFileCommand(book, scope, argv)
    if (decision !== undefined && redirects.length === 0 && joint === 'end') return decision
  }
  if (!unfolded.some((one) => holdsTransfer(book, scope, one))) return undefined
  const alone = deny('builtin', 'a transfer must be the only command of its line')
  return { ...alone, commands: unfolded.map(({ effect }) => effect.argv) }
}

// By any path, at any depth, and among the words of what is not followed.
function holdsTransfer(
  book: RuleBook,
  scope: DecisionScope,
  { effect, inside }: Unfolded,
): boolean {
  const isTransfer = ([program = '', ...words]: readonly string[]): boolean =>
    judgeFileCommand(book, scope, [baseName(program), ...words]) !== undefined
  if (isTransfer(effect.argv)) return true
  if (inside.kind === 'commands')
    return inside.parts.some((part) => holdsTransfer(book, scope, part))
  if (inside.kind === 'nothing') return false
  return inside.words.some((word, at) => {
    const program = baseName(word)
    if (!/^(?:scp|rsync|git(?:-[a-z-]+)?)$/.test(program)) return false
    const words = inside.words.slice(at)
    return (
      isTransfer(words) && (program.startsWith('git') || words.some((one) => ofServer.test(one)))
    )
  })
}

function judgeFileCommand(
  book: RuleBook,
  scope: DecisionScope,
  argv: readonly string[],
): Decision | undefined {
  const command = readFileCommand(argv)
  if (command === undefined || !isGoverned(book, scope, command)) return undefined
  const commands = [argv]
  if (command.kind === 'refused')
    return { ...deny('builtin', `${argv[0]}: ${command.reason}`), commands }
  const opening: Rule[] = []
  const approving: Rule[] = []
  for (const part of weighParts(book, scope, command)) {
    if (part.kind === 'denied') return { ...part.denied, commands }
    if (part.effect === 'approve') approving.push(...part.rules)
    else opening.push(...part.rules.slice(0, 1))
  }
  const shared = { judged: true, commands, send: Buffer.from(command.send, 'utf8') }
  if (approving.length > 0)
    return { ...holdBy(approving, `the transfer ${command.send}`), ...shared }
  const rules = [...new Set(opening)]
  return {
    effect: 'allow',
    rule: rules.map(({ id }) => id).join(','),
    ...shared,
    reason: `${rules.map(nameRule).join(', ')} allows the transfer`,
  }
}

function isGoverned(book: RuleBook, scope: DecisionScope, command: FileCommand): boolean {
  const { via } = command
  return via === 'git'
    ? book.gitRules.some((rule) => rule.applies(scope))
    : book.filesRules.some((rule) => rule.files.speaksOf(via) && rule.applies(scope))
}

// What a command could do is allowed only where each part of it is.
function weighParts(
  book: RuleBook,
  scope: DecisionScope,
  command: Exclude<FileCommand, { readonly kind: 'refused' }>,
): readonly Weighed<FilesRule | GitRule>[] {
  if (command.kind === 'files') {
    const { via, operations } = command
    return operations.map((operation) => weighFile(book, scope, { via, operation }))
  }
  const { service, repo } = command
  const rules = book.gitRules.filter((rule) => rule.applies(scope))
  const what = `git ${service} of ${JSON.stringify(repo)}`
  return [weighRules(rules, (rule) => rule.git(service, repo), what)]
}
