import { readOptions } from '../option-table.ts'
import { closed, wrapsFrom, type Peel } from '../peel.ts'

const options = {
  flags: '-s --shared -x -e --exclusive -n --nonblock -o --close -F --no-fork --verbose'.split(' '),
  values: ['-w', '--timeout', '-E', '--conflict-exit-code'],
}

/** Returns the command that flock runs; the file that it locks is one that it may create. */
export function peelFlock(argv: readonly string[]): Peel {
  const read = readOptions(options, argv)
  if (read.kind === 'closed') return read
  const file = argv[read.end]
  const first = argv[read.end + 1]
  if (file === undefined || first === undefined) return { kind: 'nothing' }
  if (first.startsWith('-')) return closed(`flock with ${JSON.stringify(first)} is not understood`)
  return wrapsFrom(argv, read.end + 1, { writes: [file] })
}
