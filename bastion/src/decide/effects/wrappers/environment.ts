import { isDangerousVariable } from '../../match/index.ts'
import { readOptions } from '../option-table.ts'
import { closed, wrapsFrom, type Peel, type Variable } from '../peel.ts'

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
  const variables: Variable[] = []
  for (const word of argv.slice(at)) {
    const equals = word.indexOf('=')
    if (equals < 0) break
    const name = word.slice(0, equals)
    if (isDangerousVariable(name)) return refuseVariable(name)
    variables.push([name, word.slice(equals + 1)])
  }
  return wrapsFrom(argv, at + variables.length, { ...more, variables })
}

function refuseVariable(name: string): Peel {
  return closed(`the variable ${JSON.stringify(name)} could change what programs do`)
}
