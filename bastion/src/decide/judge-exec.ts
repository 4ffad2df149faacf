import { judgeTransfer } from './judge-files.ts'
import type { Decision, Denied } from './decision.ts'
import { type Misfit, placeCommands, type PlacedCommand, refuseProgram } from './match/index.ts'
import { emitLine, readCommandText, readUnjudgedText, resolveLine } from './parse/index.ts'
import { deny, denyByRule, holdBy, nameRule } from './refusal.ts'
import type { DecisionScope } from './request.ts'
import type { RuleBook } from './rules/book.ts'
import type { RunRule, UnresolvedRule } from './rules/compile.ts'

const maxNearest = 3

/**
 * Returns the decision on an exec request. A deny rule that matches one command of the line decides;
 * otherwise every command needs an allow rule, and what is sent on is our own text. A principal with an
 * `unresolved` rule is let through unjudged where the line would be refused for any other reason.
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
  const placed = placeCommands(resolution.line)
  const commands = placed.map(({ argv }) => argv)
  const denied = findDenied(book, scope, placed)
  if (denied !== undefined) return { ...denied, commands }
  const transfer = judgeTransfer(book, scope, resolution.line)
  if (transfer !== undefined) return transfer

  // What needs approval needs it whatever else stands in its line.
  const approving = placed.flatMap((one) => findApproving(book, scope, one))
  const refused = commands.map(refuseProgram).find((reason) => reason !== undefined)
  if (refused !== undefined)
    return passUnjudged(
      book,
      scope,
      command,
      { ...deny('unparsable', refused), commands },
      approving,
    )

  const rules: RunRule[] = []
  for (const [at, one] of placed.entries()) {
    const rule = findApproving(book, scope, one)[0] ?? findAllowing(book, scope, one)
    if (rule === undefined)
      return passUnjudged(
        book,
        scope,
        command,
        { ...denyByDefault(book, scope, one, at), commands },
        approving,
      )
    rules.push(rule)
  }
  if (approving.length > 0)
    return {
      ...holdBy(approving, 'the line'),
      judged: true,
      commands,
      send: emitLine(resolution.line),
    }
  return {
    effect: 'allow',
    rule: [...new Set(rules.map(({ id }) => id))].join(','),
    judged: true,
    commands,
    send: emitLine(resolution.line),
    reason: [...new Set(rules.map(nameRule))].join(', '),
  }
}

function findDenied(
  book: RuleBook,
  scope: DecisionScope,
  placed: readonly PlacedCommand[],
): Denied | undefined {
  for (const command of placed) {
    const rule = book
      .runRules('deny', command.argv[0] ?? '')
      .find((one) => one.run.refuse(command) === undefined && one.applies(scope))
    if (rule !== undefined) return denyByRule(rule, JSON.stringify(command.argv))
  }
  return undefined
}

function findApproving(
  book: RuleBook,
  scope: DecisionScope,
  command: PlacedCommand,
): readonly RunRule[] {
  return book
    .runRules('approve', command.argv[0] ?? '')
    .filter((rule) => rule.run.refuse(command) === undefined && rule.applies(scope))
}

function findAllowing(
  book: RuleBook,
  scope: DecisionScope,
  command: PlacedCommand,
): RunRule | undefined {
  return book
    .runRules('allow', command.argv[0] ?? '')
    .find((rule) => rule.run.refuse(command) === undefined && rule.applies(scope))
}

function denyByDefault(
  book: RuleBook,
  scope: DecisionScope,
  command: PlacedCommand,
  at: number,
): Denied {
  const program = JSON.stringify(command.argv[0])
  const nearest: string[] = []
  for (const rule of book.runRules('allow', command.argv[0] ?? '')) {
    const misfit = rule.run.refuse(command)
    if (misfit === undefined || misfit.word === 0 || !rule.applies(scope)) continue
    nearest.push(`${nameRule(rule)}: ${describeMisfit(misfit, command)}`)
    if (nearest.length === maxNearest) break
  }
  const said = `command ${at + 1}, ${JSON.stringify(command.argv)}, matches no rule`
  return {
    effect: 'deny',
    rule: 'default',
    message:
      nearest.length > 0 ? `no rule allows this use of ${program}` : `no rule allows ${program}`,
    reason: nearest.length > 0 ? `${said}; nearest: ${nearest.join('; ')}` : said,
  }
}

function describeMisfit({ word, expected }: Misfit, command: PlacedCommand): string {
  const found = command.argv[word]
  const where = `word ${word + 1}`
  return found === undefined
    ? `${where}: expected ${expected}`
    : `${where} is ${JSON.stringify(found)}: expected ${expected}`
}

function passUnjudged(
  book: RuleBook,
  scope: DecisionScope,
  command: Buffer,
  otherwise: Denied,
  approving: readonly RunRule[] = [],
): Decision {
  const reviewing = book.reviewRules.filter((one) => one.applies(scope))
  if (reviewing.length > 0) return askReaders(reviewing, command, otherwise, approving)
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
  otherwise: Denied,
  approving: readonly RunRule[],
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
