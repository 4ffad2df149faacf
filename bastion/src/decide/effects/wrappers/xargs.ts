import { readOptions } from '../option-table.ts'
import { closed, wrapsFrom, type Peel } from '../peel.ts'
import { wrapsOpen } from './placeholder.ts'

const options = {
  flags: '-0 --null -r --no-run-if-empty -t --verbose -x --exit'.split(' '),
  values: '-n --max-args -L -P --max-procs -s --max-chars -d --delimiter -E -I'.split(' '),
}

// Beside one of these xargs may forget the placeholder, and then adds words at the end after all.
const counts = new Set('-n --max-args -L'.split(' '))

/**
 * Returns the command that xargs runs. Words that only its input holds follow, or stand in place of
 * the word of `-I`, so that only a rule under which any words may follow can allow it.
 */
export function peelXargs(argv: readonly string[]): Peel {
  const read = readOptions(options, argv)
  if (read.kind === 'closed') return read
  const placeholder = read.given.findLast(([name]) => name === '-I')?.[1]
  if (placeholder !== undefined && read.given.some(([name]) => counts.has(name)))
    return closed('xargs with -I and a number of words or lines is not understood')
  const inner = argv.slice(read.end)
  if (inner.length === 0)
    return {
      kind: 'wraps',
      commands: [{ argv: ['echo'], open: true, unfed: true }],
      rebuild: () => argv,
    }
  if (placeholder === undefined) return wrapsFrom(argv, read.end, { open: true, unfed: true })
  return wrapsOpen(inner, placeholder, { unfed: true }, (command) => [
    ...argv.slice(0, read.end),
    ...command,
  ])
}
