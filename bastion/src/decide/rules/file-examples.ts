import { readFileCommand } from '../../files/commands/index.ts'
import { resolveLine } from '../parse/index.ts'
import type { FilesRule, GitRule } from './compile.ts'
import type { FileExample } from './document.ts'

const notUnderstood =
  'is not understood: write {op: …, path: …}, or the command that scp, rsync or git runs'

/** Returns why a rule does not match an example, or undefined when it does; `unread` for no example. */
export function misfitOfFiles(
  rule: FilesRule | GitRule,
  example: string | FileExample,
): { readonly misfit?: string; readonly unread?: string } {
  if (typeof example !== 'string') {
    if (rule.kind === 'git') return { unread: notUnderstood }
    const { via = 'sftp', op, path, to, mode, subtree } = example
    return asMisfit(
      rule.files.refuse(via, {
        op,
        path,
        ...(to === undefined ? {} : { to }),
        ...(mode === undefined ? {} : { mode }),
        ...(subtree === undefined ? {} : { subtree }),
      }),
    )
  }
  const resolution = resolveLine(example)
  if (resolution.kind === 'unresolved') return { misfit: resolution.reason }
  const [only, ...more] = resolution.line.commands
  const command = only === undefined ? undefined : readFileCommand(only.argv)
  if (command === undefined || more.length > 0) return { unread: notUnderstood }
  if (command.kind === 'refused') return { misfit: command.reason }
  if (command.kind === 'git')
    return rule.kind === 'git'
      ? asMisfit(rule.git(command.service, command.repo))
      : { misfit: 'files' }
  if (rule.kind === 'git') return { misfit: 'git' }
  // To deny, one of the operations is enough; to allow, another rule may cover the rest, but not here.
  const misfits = command.operations.map((operation) => rule.files.refuse(command.via, operation))
  const matches =
    rule.effect === 'deny'
      ? misfits.some((one) => one === undefined)
      : misfits.every((one) => one === undefined)
  return matches ? {} : asMisfit(misfits.find((one) => one !== undefined))
}

function asMisfit(expected: string | undefined): { readonly misfit?: string } {
  return expected === undefined ? {} : { misfit: `expected ${expected}` }
}
