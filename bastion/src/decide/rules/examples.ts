import { readCommandText, resolveLine } from '../parse/index.ts'
import { flattenEffects, unfoldLine } from '../effects/index.ts'
import { refuseProgram } from '../match/index.ts'
import type { DecisionQuestion, FileVia } from '../request.ts'
import { fileExampleSchema } from './file-patterns.ts'
import type { CompiledRule, RunRule } from './compile.ts'
import type { FileExample, RuleDocument } from './document.ts'
import { misfitOfFiles } from './file-examples.ts'
import type { PathStep } from './source.ts'

export interface FailedExample {
  /** Relative to the rule. */
  readonly path: readonly PathStep[]
  readonly message: string
}

/**
 * Returns the examples of a rule that do not hold. A rule matches an example line when it matches one
 * of its commands, since other rules may cover the others; `who` and `where` are left out.
 */
export function checkExamples(rule: CompiledRule, document: RuleDocument): FailedExample[] {
  const { match = [], no_match: noMatch = [] } = document.tests ?? {}
  return [
    ...match.flatMap((example, at) => check(rule, example, ['tests', 'match', at], true)),
    ...noMatch.flatMap((example, at) => check(rule, example, ['tests', 'no_match', at], false)),
  ]
}

function check(
  rule: CompiledRule,
  example: string | FileExample,
  path: readonly PathStep[],
  wanted: boolean,
): FailedExample[] {
  const failed = (message: string): FailedExample[] => [
    { path, message: `${JSON.stringify(example)} ${message}` },
  ]
  if (rule.kind === 'unresolved') return failed('tests nothing')
  if (rule.kind === 'files' || rule.kind === 'git') {
    const { misfit, unread } = misfitOfFiles(rule, example)
    if (unread !== undefined) return failed(unread)
    if ((misfit === undefined) === wanted) return []
    return failed(wanted ? `should match: ${misfit}` : 'should not match')
  }
  if (typeof example !== 'string') return failed('is only for a rule about files')
  const question = rule.kind === 'question' ? readQuestion(example) : undefined
  if (rule.kind === 'question' && question === undefined)
    return failed(
      'is not understood: write pty, no-pty, a subsystem, NAME=value, local HOST:PORT, ' +
        'remote HOST:PORT, streamlocal PATH or remote_streamlocal PATH',
    )
  const misfit =
    rule.kind === 'run'
      ? misfitOf(rule, example)
      : question && !rule.covers(question)
        ? ''
        : undefined
  if ((misfit === undefined) === wanted) return []
  return failed(wanted ? `should match${misfit === '' ? '' : `: ${misfit}`}` : 'should not match')
}

function misfitOf(rule: RunRule, example: string): string | undefined {
  const gate = readCommandText(Buffer.from(example, 'utf8'))
  if (gate.kind === 'bytes') return gate.reason
  const resolution = resolveLine(gate.text)
  if (resolution.kind === 'unresolved') return resolution.reason
  let first: string | undefined
  for (const command of flattenEffects(unfoldLine(resolution.line))) {
    const misfit = rule.run.refuse(command)
    const refused = rule.effect === 'deny' ? undefined : refuseProgram(command.argv)
    if (misfit === undefined && refused === undefined) return undefined
    first ??= refused ?? `word ${(misfit?.word ?? 0) + 1}: expected ${misfit?.expected ?? ''}`
  }
  return first
}

/** Returns the question that an example of anything but a command asks; undefined when it is none. */
export function readQuestion(example: string): DecisionQuestion | undefined {
  if (example === 'pty' || example === 'no-pty') return { kind: 'shell', pty: example === 'pty' }
  const file = readFileQuestion(example)
  if (file !== undefined) return file
  const [, kind, rest = ''] =
    /^(local|remote|streamlocal|remote_streamlocal) (.*)$/.exec(example) ?? []
  if (kind === 'streamlocal') return { kind: 'direct-streamlocal', path: rest }
  if (kind === 'remote_streamlocal') return { kind: 'streamlocal-forward', path: rest }
  if (kind === 'local' || kind === 'remote') {
    const [, host, port] = /^(.*):([0-9]{1,5})$/.exec(rest) ?? []
    if (host === undefined) return undefined
    const question = kind === 'local' ? 'direct-tcpip' : 'tcpip-forward'
    return { kind: question, host, port: Number(port) }
  }
  const [, name, value] = /^([^=\s]+)=(.*)$/s.exec(example) ?? []
  if (name !== undefined && value !== undefined) return { kind: 'env', name, value }
  return /^\S+$/.test(example) ? { kind: 'subsystem', name: example } : undefined
}

// `sftp write /srv/shop/a`, and `sftp rename /srv/shop/a /srv/shop/b`.
function readFileQuestion(example: string): DecisionQuestion | undefined {
  const [via = '', op = '', path = '', to, ...more] = example.split(' ')
  if (more.length > 0 || !isVia(via)) return undefined
  const read = fileExampleSchema.safeParse({ op, path, to })
  if (!read.success) return undefined
  const operation = { op: read.data.op, path, ...(to === undefined ? {} : { to }) }
  return { kind: 'file', via, operation }
}

function isVia(word: string): word is FileVia {
  return ['sftp', 'scp', 'rsync'].includes(word)
}
