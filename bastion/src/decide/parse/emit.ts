import type { CommandLine, Redirect, SimpleCommand } from './line.ts'

/**
 * Returns the one text that a target may be sent for a resolved line: every word in single quotes,
 * every operator printed here, so that no byte of the agent's own text can mean anything but itself.
 *
 * @throws {TypeError} for a command without words, an empty name or a NUL, which no parser may yield.
 */
export function emitLine(line: CommandLine): Buffer {
  if (line.commands.length === 0) throw new TypeError('a line needs a command')
  return Buffer.from(line.commands.map(emitCommand).join(' '), 'utf8')
}

function emitCommand(command: SimpleCommand): string {
  const [name] = command.argv
  if (name === undefined || name === '') throw new TypeError('a command needs a name')
  const words = [...command.argv.map(quoteWord), ...command.redirects.map(emitRedirect)]
  return command.joint === 'end' ? words.join(' ') : `${words.join(' ')} ${command.joint}`
}

function emitRedirect(redirect: Redirect): string {
  const descriptor = redirect.descriptor === undefined ? '' : String(redirect.descriptor)
  if (!/^[0-9]?$/.test(descriptor)) throw new TypeError('a descriptor is one digit')
  switch (redirect.operator) {
    case '>&':
    case '<&':
      if (!/^[0-9]$/.test(redirect.target)) throw new TypeError('a descriptor is one digit')
      return `${descriptor}${redirect.operator}${redirect.target}`
    case '>':
    case '>>':
    case '<':
      return `${descriptor}${redirect.operator}${quoteWord(redirect.target)}`
  }
}

/**
 * Returns a word in single quotes, as every Bourne shell reads it back.
 *
 * @throws {TypeError} for a NUL, which would cut the word.
 */
export function quoteWord(word: string): string {
  if (word.includes('\0')) throw new TypeError('a word cannot hold NUL')
  return `'${word.replaceAll("'", String.raw`'\''`)}'`
}
