import type { Decision, Denied } from './decision.ts'
import { unfoldLine, type Unfolded } from './effects/index.ts'
import { findApproving, findDenied, weigh } from './judge-effects.ts'
import { judgeTransfer } from './judge-transfer.ts'
import { passUnjudged } from './judge-unread.ts'
import { isShellOnly, refuseProgram } from './match/index.ts'
import { emitLine, readCommandText, resolveLine, type SimpleCommand } from './parse/index.ts'
import { deny, holdBy, nameRule } from './refusal.ts'
import type { DecisionScope } from './request.ts'
import type { RuleBook } from './rules/book.ts'
import type { RunRule } from './rules/compile.ts'

// Quoting texts within texts makes them longer; no line may grow without bound.
const maxSentBytes = 48 * 1024

/**
 * Returns the decision on an exec request. A deny rule that matches one command of the line, or anything
 * that it runs, decides; otherwise every command needs an approve or allow rule, and what is sent on is
 * our own text. A principal with an `unresolved` rule is let through unjudged, or reviewed, where the
 * line would be refused for any other reason.
 */
export function judgeExec(book: RuleBook, scope: DecisionScope, command: Buffer): Decision {
  const unread = (otherwise: Denied, approving: readonly RunRule[] = []): Decision =>
    passUnjudged(book, scope, command, { otherwise, approving })
  const gate = readCommandText(command)
  if (gate.kind === 'bytes')
    return unread(deny('bytes', `the bytes of the command are refused: ${gate.reason}`))
  const resolution = resolveLine(gate.text)
  if (resolution.kind === 'unresolved')
    return unread(
      deny('unparsable', `the command cannot be resolved to plain words: ${resolution.reason}`),
    )
  const unfolded = unfoldLine(resolution.line)
  const commands = unfolded.map(({ effect }) => effect.argv)
  const denied = findDenied(book, scope, unfolded)
  if (denied !== undefined) return { ...denied, commands }
  const transfer = judgeTransfer(book, scope, unfolded)
  if (transfer !== undefined) return transfer

  // What needs approval needs it whatever else stands in its line or around it.
  const approving = findApproving(book, scope, unfolded)
  const line = weighLine(book, scope, unfolded)
  if ('denied' in line) return unread({ ...line.denied, commands }, approving)
  const what = {
    judged: true,
    commands: line.sent.map(({ argv }) => argv),
    send: line.send,
  }
  if (approving.length > 0) return { ...holdBy(approving, 'the line'), ...what }
  const rules = [...new Set(line.rules)]
  return {
    effect: 'allow',
    rule: rules.map(({ id }) => id).join(','),
    ...what,
    reason: rules.map(nameRule).join(', '),
  }
}

/** What the rules permit of a whole line. */
interface WeighedLine {
  readonly rules: readonly RunRule[]
  readonly sent: readonly SimpleCommand[]
  readonly send: Buffer
}

function weighLine(
  book: RuleBook,
  scope: DecisionScope,
  unfolded: readonly Unfolded[],
): WeighedLine | { readonly denied: Denied } {
  const refused = unfolded.map(({ effect }) => refuseProgram(effect.argv)).find(Boolean)
  if (refused !== undefined) return { denied: deny('unparsable', refused) }
  const rules: RunRule[] = []
  const sent: SimpleCommand[] = []
  let cleanEnv = false
  for (const [at, one] of unfolded.entries()) {
    const verdict = weigh(book, scope, one)
    if (verdict.kind === 'none') {
      const { denied } = verdict
      return { denied: { ...denied, reason: `command ${at + 1}, ${denied.reason}` } }
    }
    rules.push(...verdict.rules)
    sent.push(verdict.command)
    cleanEnv ||= verdict.cleanEnv
  }
  const own = cleanEnv ? sent.find(({ argv }) => isShellOnly(argv[0] ?? '')) : undefined
  if (own !== undefined) {
    const name = own.argv[0] ?? ''
    return {
      denied: deny('unparsable', `${name} is the shell's own and has no clean environment`),
    }
  }
  const send = emitLine({ commands: sent }, { cleanEnv })
  if (send.length > maxSentBytes)
    return { denied: deny('unparsable', `longer than ${maxSentBytes} bytes once it is quoted`) }
  return { rules, sent, send }
}
