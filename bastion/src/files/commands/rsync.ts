import type { FileOperation } from '../../decide/request.ts'
import { type FileCommand, refused } from './file-command.ts'
import { readOperand } from './operand.ts'
import { printCommand } from './print.ts'
import { rsyncAbilities, rsyncLetters, type RsyncOption, rsyncWords } from './rsync-options.ts'

interface Read {
  readonly name: string
  readonly option: RsyncOption
}

/** Returns what `rsync --server` would do, as the rsync of a client starts it. */
export function readRsync([, ...words]: readonly string[]): FileCommand {
  if (words[0] !== '--server')
    return refused('rsync', 'only the server side of a transfer is understood')
  const sender = words[1] === '--sender'
  const from = sender ? 2 : 1
  const dot = words.indexOf('.', from)
  if (dot < 0)
    return refused('rsync', 'its arguments come later, where nobody judges them (--secluded-args)')
  const options: Read[] = []
  for (const word of words.slice(from, dot)) {
    const read = word.startsWith('--') ? readLong(word) : readCluster(word)
    if (read === undefined)
      return refused('rsync', `the option ${JSON.stringify(word)} is not known to be harmless`)
    options.push(...read)
  }
  for (const { name, option } of options) {
    const reason = sender ? option.refuseRead : option.refuseWrite
    if (reason !== undefined) return refused('rsync', `-${name}: ${reason}`)
  }
  const operands = words.slice(dot + 1).map(readOperand)
  const paths: string[] = []
  const sent: string[] = []
  for (const operand of operands) {
    if (operand.kind === 'unfit') return refused('rsync', operand.reason)
    paths.push(operand.path)
    sent.push(operand.send)
  }
  if (paths.length === 0 || (!sender && paths.length > 1))
    return refused('rsync', sender ? 'it needs a path' : 'it needs one path')
  const names = new Set(options.map(({ name }) => name))
  if (names.has('R') && words.slice(dot + 1).some((word) => word.split('/').includes('.')))
    return refused('rsync', 'with --relative a path holds no /./')
  return {
    kind: 'files',
    via: 'rsync',
    operations: paths.flatMap((path) =>
      sender ? readsOf(path, options, names) : writesOf(path, options, names),
    ),
    send: printCommand(['rsync', ...words.slice(0, dot + 1)], sent),
  }
}

function readLong(word: string): readonly Read[] | undefined {
  const equals = word.indexOf('=')
  const name = word.slice(2, equals < 0 ? undefined : equals)
  const option = rsyncWords.get(name)
  if (option === undefined || (option.value === undefined) !== equals < 0) return undefined
  if (option.value?.test(word.slice(equals + 1)) === false) return undefined
  return [{ name, option }]
}

function readCluster(word: string): readonly Read[] | undefined {
  if (/^-B[0-9]{1,9}$/.test(word)) return []
  if (!/^-[A-Za-z]/.test(word)) return undefined
  const read: Read[] = []
  for (const [at, name] of word.slice(1).split('').entries()) {
    if (name === 'e') return rsyncAbilities.test(word.slice(at + 2)) ? read : undefined
    const option = rsyncLetters.get(name)
    if (option === undefined) return undefined
    read.push({ name, option })
  }
  return read
}

function readsOf(
  path: string,
  options: readonly Read[],
  names: ReadonlySet<string>,
): readonly FileOperation[] {
  const ops = new Set<FileOperation['op']>(['read', 'list'])
  for (const { option } of options) for (const op of option.reads ?? []) ops.add(op)
  const subtree = ['r', 'd', 'files-from', 'list-only'].some((name) => names.has(name))
  return [...ops]
    .filter((op) => op !== 'list' || subtree)
    .map((op) => ({ op, path, ...(subtree ? { subtree: true } : {}) }))
}

// rsync writes beside a file and renames; that, and folders on the way, are part of writing.
function writesOf(
  path: string,
  options: readonly Read[],
  names: ReadonlySet<string>,
): readonly FileOperation[] {
  const ops = new Set<FileOperation['op']>(['write'])
  if (['r', 'd', 'mkpath'].some((name) => names.has(name))) ops.add('mkdir')
  for (const { option } of options) for (const op of option.needs ?? []) ops.add(op)
  const kept = names.has('safe-links') || names.has('munge-links')
  return [...ops].map((op): FileOperation => {
    // A link may say anything, unless rsync itself keeps it inside the tree.
    if (op === 'symlink') return { op, path, to: kept ? path : '/', subtree: true }
    const pair = op === 'hardlink' || op === 'rename'
    return { op, path, ...(pair ? { to: path } : {}), subtree: true }
  })
}
