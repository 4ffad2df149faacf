import type { CommandLine, Redirect, SimpleCommand } from './line.ts'

export interface EmitOptions {
  /** Start every program through env, with no variables but those of `cleanEnvironment`. */
  readonly cleanEnv?: boolean
}

/**
 * What a program finds in a clean environment. Neither a variable nor a shell function of the account
 * can then change what a name means. HOME is missing, since the account's is not known here and our
 * text may not ask the shell for it; builtins of the shell that no file has cannot run at all.
 */
export const cleanEnvironment: readonly string[] = [
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'LANG=C.UTF-8',
]

/**
 * Returns the one text that a target may be sent for a resolved line: every word in single quotes,
 * every operator printed here, so that no byte of the agent's own text can mean anything but itself.
 *
 * @throws {TypeError} for a command without words, an empty name or a NUL, which no parser may yield,
 * and in a clean environment for a name that env would take for an option or a variable.
 */
export function emitLine(line: CommandLine, { cleanEnv = false }: EmitOptions = {}): Buffer {
  if (line.commands.length === 0) throw new TypeError('a line needs a command')
  const commands = cleanEnv ? line.commands.map(startClean) : line.commands
  return Buffer.from(commands.map(emitCommand).join(' '), 'utf8')
}

function startClean(command: SimpleCommand): SimpleCommand {
  const [name = ''] = command.argv
  if (name === '' || name.startsWith('-') || name.includes('='))
    throw new TypeError('env would not take this for a program')
  return { ...command, argv: ['/usr/bin/env', '-i', ...cleanEnvironment, ...command.argv] }
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
