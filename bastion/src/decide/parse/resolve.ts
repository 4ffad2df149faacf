import { readGrammar } from './grammar.ts'
import { equalLines, unresolved, type Resolution } from './line.ts'
import { tokenize } from './tokenizer.ts'

const maxCommands = 32
const maxWords = 256

/**
 * Returns the simple commands of a line whose bytes have passed the gate, when two parsers that share
 * no code agree on every word, redirect and operator; otherwise why the line stays unresolved.
 */
export function resolveLine(source: string): Resolution {
  const strict = tokenize(source)
  // The cheaper parser refuses first; the other is not asked about what is refused already.
  return strict.kind === 'unresolved' ? strict : agree(strict, readGrammar(source))
}

/** Returns the common reading of two parsers, or why there is none. */
export function agree(first: Resolution, second: Resolution): Resolution {
  if (first.kind === 'unresolved') return first
  if (second.kind === 'unresolved') return second
  if (!equalLines(first.line, second.line)) return unresolved('two parsers read it differently')
  const { commands } = first.line
  if (commands.length > maxCommands) return unresolved(`more than ${maxCommands} commands`)
  if (commands.some((command) => command.argv.length > maxWords))
    return unresolved(`more than ${maxWords} words in a command`)
  return first
}
