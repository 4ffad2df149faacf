import { isDangerousVariable } from '../../match/index.ts'
import { readOptions } from '../option-table.ts'
import { closed, wrapsFrom, type Peel } from '../peel.ts'

const options = { flags: ['-i', '--ignore-environment'], values: ['-u', '--unset'] }

/** Returns the command that env runs; a variable that changes what programs do closes it. */
export function peelEnv(argv: readonly string[]): Peel {
  const read = readOptions(options, argv)
  if (read.kind === 'closed') return read
  for (const [, unset] of read.given)
    if (unset !== undefined && isDangerousVariable(unset)) return refuseVariable(unset)
  // A lone dash is `-i`.
  return wrapsAssigned(argv, argv[read.end] === '-' ? read.end + 1 : read.end, {})
}

/** Returns the command that follows assignments, from `at` on. */
export function wrapsAssigned(
  argv: readonly string[],
  at: number,
  more: { readonly runAs?: string },
): Peel {
  let next = at
  while (argv[next]?.includes('=') === true) {
    const [name = ''] = (argv[next] ?? '').split('=', 1)
    if (isDangerousVariable(name)) return refuseVariable(name)
    next += 1
  }
  return wrapsFrom(argv, next, more)
}

function refuseVariable(name: string): Peel {
  return closed(`the variable ${JSON.stringify(name)} could change what programs do`)
}
