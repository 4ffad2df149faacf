import type { FileOperation } from '../../decide/request.ts'
import { type FileCommand, refused } from './file-command.ts'
import { readOperand } from './operand.ts'
import { printCommand } from './print.ts'

/** Returns what `scp -t` (write) or `scp -f` (read) would do, as the old protocol of scp starts it. */
export function readScp([, ...words]: readonly string[]): FileCommand {
  const options = new Set<string>()
  let at = 0
  for (; at < words.length; at += 1) {
    const word = words[at] ?? ''
    if (!word.startsWith('-')) break
    if (word === '--') {
      at += 1
      break
    }
    if (!/^-[tfrpvqd]$/.test(word))
      return refused('scp', `the option ${JSON.stringify(word)} is not known to be harmless`)
    options.add(word)
  }
  const writes = options.has('-t')
  if (writes === options.has('-f')) return refused('scp', 'it needs either -t or -f')
  const paths: string[] = []
  const sent: string[] = []
  for (const word of words.slice(at)) {
    const operand = readOperand(word)
    if (operand.kind === 'unfit') return refused('scp', operand.reason)
    paths.push(operand.path)
    sent.push(operand.path)
  }
  if (paths.length === 0 || (writes && paths.length > 1))
    return refused('scp', writes ? 'it needs one path' : 'it needs a path')
  return {
    kind: 'files',
    via: 'scp',
    operations: paths.flatMap((path) => operationsOn(path, options)),
    send: printCommand(['scp', ...options, '--'], sent),
  }
}

// What is written lies at the path, or below it where that is a folder: the names come later.
function operationsOn(path: string, options: ReadonlySet<string>): readonly FileOperation[] {
  const recursive = options.has('-r')
  if (options.has('-f'))
    return recursive
      ? [
          { op: 'read', path, subtree: true },
          { op: 'list', path, subtree: true },
        ]
      : [{ op: 'read', path }]
  const operations: FileOperation[] = [{ op: 'write', path, subtree: true }]
  if (recursive) operations.push({ op: 'mkdir', path, subtree: true })
  if (options.has('-p')) operations.push({ op: 'setstat', path, subtree: true })
  return operations
}
