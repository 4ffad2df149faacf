import { closed, type Peel, type WrappedCommand } from '../peel.ts'
import { wrapsOpen } from './placeholder.ts'

// Tests and actions by the number of words that follow them. What is not here is not understood; that
// leaves out those that write files, ask at a terminal, or read the starting points from a file.
const alone = new Set(
  (
    '! ( ) , -not -a -and -o -or -daystart -depth -d -follow -mount -xdev -noleaf -warn -nowarn ' +
    '-ignore_readdir_race -empty -executable -readable -writable -nouser -nogroup -true -false ' +
    '-print -print0 -ls -prune -quit -delete'
  ).split(' '),
)
const withValue = new Set(
  (
    '-name -iname -path -ipath -wholename -iwholename -regex -iregex -regextype -lname -ilname ' +
    '-type -xtype -size -perm -links -inum -samefile -fstype -user -group -uid -gid -used ' +
    '-mtime -mmin -atime -amin -ctime -cmin -newer -anewer -cnewer -newermt -newerct -newerat ' +
    '-maxdepth -mindepth -printf'
  ).split(' '),
)
const beforePaths = new Set(['-H', '-L', '-P'])

/**
 * Returns what find runs: itself without its `-exec` parts, each command of these, and for `-delete`
 * the rm of files that nobody knows yet. `{}` stands for what it finds, so nothing is known of a
 * command from there on.
 */
export function peelFind(argv: readonly string[]): Peel {
  const search: string[] = [argv[0] ?? '']
  const inner: WrappedCommand[] = []
  const rebuilds: ((words: readonly string[]) => readonly string[])[] = []
  const kept: (string | number)[] = [argv[0] ?? '']
  let at = 1
  let started = false
  const keep = (count: number): void => {
    const words = argv.slice(at, at + count)
    search.push(...words)
    kept.push(...words)
    at += count
  }
  while (at < argv.length) {
    const word = argv[at] ?? ''
    if (!started && (beforePaths.has(word) || isPath(word))) keep(1)
    else if (word === '-exec' || word === '-execdir') {
      const end = endOf(argv, at + 1)
      if (end === undefined) return closed(`${word} of find has no end`)
      const part = wrapsOpen(argv.slice(at + 1, end), '{}', {}, (words) => words)
      if (part.kind === 'closed') return part
      inner.push(...part.commands)
      rebuilds.push((words) => part.rebuild([words]))
      kept.push(word, rebuilds.length - 1, argv[end] ?? '')
      at = end + 1
      started = true
    } else if (alone.has(word) || withValue.has(word)) {
      started = true
      if (withValue.has(word) && argv[at + 1] === undefined) return closed(`${word} has no value`)
      keep(withValue.has(word) ? 2 : 1)
    } else return closed(`the word ${JSON.stringify(word)} of find is not understood`)
  }
  const deletes = search.includes('-delete')
  if (inner.length === 0 && !deletes) return { kind: 'nothing' }
  const removal: WrappedCommand[] = deletes ? [{ argv: ['rm'], open: true }] : []
  return {
    kind: 'wraps',
    commands: [{ argv: search, plain: true }, ...inner, ...removal],
    rebuild: ([, ...commands]) =>
      kept.flatMap((word) =>
        typeof word === 'string' ? [word] : (rebuilds[word]?.(commands[word] ?? []) ?? []),
      ),
  }
}

function isPath(word: string): boolean {
  return !/^(?:-|!$|\(|\)|,$)/.test(word)
}

// A `+` ends it only after `{}`; elsewhere not every find takes it for a word.
function endOf(argv: readonly string[], start: number): number | undefined {
  for (let at = start; at < argv.length; at += 1) {
    if (argv[at] === ';') return at > start ? at : undefined
    if (argv[at] === '+') return argv[at - 1] === '{}' && at > start + 1 ? at : undefined
  }
  return undefined
}
