import { readOptions } from '../option-table.ts'
import { closed, wrapsFrom, type Peel } from '../peel.ts'
import { wrapsAssigned } from './environment.ts'

const accountName = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/

/** Returns the command that sudo runs, as root or as the account of `-u`. */
export function peelSudo(argv: readonly string[]): Peel {
  const options = readOptions(
    { flags: ['-n', '--non-interactive', '-H', '--set-home'], values: ['-u', '--user'] },
    argv,
  )
  if (options.kind === 'closed') return options
  const runAs = accountOf(options.given, ['-u', '--user'])
  if (runAs === undefined) return unclear(argv)
  // After `--` some versions of sudo take an assignment for the name of a program.
  if (argv[options.end - 1] === '--' && argv[options.end]?.includes('=') === true)
    return unclear(argv)
  return wrapsAssigned(argv, options.end, { runAs })
}

/** Returns the command that doas runs, as root or as the account of `-u`. */
export function peelDoas(argv: readonly string[]): Peel {
  const options = readOptions({ flags: ['-n'], values: ['-u'] }, argv)
  if (options.kind === 'closed') return options
  const runAs = accountOf(options.given, ['-u'])
  return runAs === undefined ? unclear(argv) : wrapsFrom(argv, options.end, { runAs })
}

/**
 * Returns what su runs. Of its many forms only `su [-] [-l] -c TEXT [ACCOUNT]` and
 * `su [-] [-l] ACCOUNT -c TEXT` mean the same in every make of it. The account's own shell reads the
 * text; like the login's it is taken to be a Bourne shell.
 */
export function peelSu(argv: readonly string[]): Peel {
  let at = 1
  while (['-', '-l', '--login'].includes(argv[at] ?? '')) at += 1
  const [one = '', two = '', three, ...more] = argv.slice(at)
  if (more.length > 0) return unclear(argv)
  if (one === '-c') return peelText(argv, at + 1, three ?? 'root')
  if (two === '-c' && three !== undefined) return peelText(argv, at + 2, one)
  return unclear(argv)
}

/** Returns what runuser runs: `runuser -u ACCOUNT -- COMMAND`, or a form of su. */
export function peelRunuser(argv: readonly string[]): Peel {
  const [, option, account = '', dashes] = argv
  if (option !== '-u') return peelSu(argv)
  if (dashes !== '--' || !accountName.test(account)) return unclear(argv)
  return wrapsFrom(argv, 4, { runAs: account })
}

function peelText(argv: readonly string[], at: number, account: string): Peel {
  const text = argv[at]
  if (text === undefined || !accountName.test(account)) return unclear(argv)
  return {
    kind: 'text',
    text,
    runAs: account,
    rebuild: (replaced) => argv.with(at, replaced),
  }
}

// The last one counts, as the programs have it; a number is no name, since it may be one too.
function accountOf(
  given: readonly (readonly [string, string | undefined])[],
  names: readonly string[],
): string | undefined {
  const account = given.findLast(([name]) => names.includes(name))?.[1] ?? 'root'
  return accountName.test(account) ? account : undefined
}

function unclear(argv: readonly string[]): Peel {
  return closed(`this use of ${argv[0] ?? ''} is not understood`)
}
