import { readCommandText, resolveLine } from '../../decide/parse/index.ts'

const names = ['cd', 'exit', 'export', 'help', 'history', 'logout', 'pwd', 'unset'] as const

export type BuiltinName = (typeof names)[number]

/** The commands that the shell does by itself. */
export const builtinNames: readonly BuiltinName[] = names

export interface Builtin {
  readonly name: BuiltinName
  readonly operands: readonly string[]
}

/** Returns a line as one of our own commands, when it is that and nothing else; the policy gets all others. */
export function readBuiltin(line: Buffer): Builtin | undefined {
  const gate = readCommandText(line)
  if (gate.kind === 'bytes') return undefined
  const resolution = resolveLine(gate.text)
  if (resolution.kind === 'unresolved') return undefined
  const [command, ...others] = resolution.line.commands
  if (command === undefined || others.length > 0) return undefined
  if (command.joint !== 'end' || command.redirects.length > 0) return undefined
  const [word, ...operands] = command.argv
  const name = names.find((one) => one === word)
  return name === undefined ? undefined : { name, operands }
}
