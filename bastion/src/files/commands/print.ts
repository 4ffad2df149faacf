import { quoteWord } from '../../decide/parse/index.ts'

const plain = /^[A-Za-z0-9_.,:/+%@-][A-Za-z0-9_.,:/+%@=-]*$/

/**
 * Returns a command as its client would write it: options bare, operands in quotes. Servers that take
 * commands apart themselves, as git-shell does, know no other form.
 */
export function printCommand(words: readonly string[], operands: readonly string[]): string {
  return [
    ...words.map((word) => (plain.test(word) ? word : quoteWord(word))),
    ...operands.map(quoteWord),
  ].join(' ')
}
