import { closed, type Peel } from '../peel.ts'

/** Returns the text that a shell runs: only `sh -c TEXT`, without further options or operands. */
export function peelShell(argv: readonly string[]): Peel {
  const [program = '', option, text] = argv
  if (option !== '-c' || text === undefined || argv.length !== 3)
    return closed(`${program} is only understood as ${program} -c with one text`)
  return { kind: 'text', text, rebuild: (replaced) => [program, '-c', replaced] }
}
