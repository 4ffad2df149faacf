import {
  parse,
  type Assignment,
  type Command,
  type DoubleQuotedPart,
  type Redirection,
  type Statement,
  type Word,
} from 'unbash'
import {
  unresolved,
  type Joint,
  type Redirect,
  type Resolution,
  type SimpleCommand,
} from './line.ts'

type Piece = { readonly kind: 'text'; readonly text: string } | ReturnType<typeof unresolved>
type Reading = SimpleCommand | ReturnType<typeof unresolved>

/**
 * Returns the simple commands of a line as a full bash grammar sees them. The walk is an allow list:
 * a kind of node that is not named here makes the line unresolved, and so does any syntax error.
 */
export function readGrammar(source: string): Resolution {
  const script = parse(source)
  const error = script.errors?.[0]
  if (error !== undefined) return unresolved(`${error.message} at character ${error.pos + 1}`)
  const commands: SimpleCommand[] = []
  for (const [at, statement] of script.commands.entries()) {
    const last = at === script.commands.length - 1
    const joint: Joint = statement.background === true ? '&' : last ? 'end' : ';'
    const refused = walk(statement.command, joint, commands)
    if (refused !== undefined) return refused
  }
  if (commands.length === 0) return unresolved('no command')
  return { kind: 'resolved', line: { commands } }
}

// `joint` is what follows the whole node; inside a node its own operators stand between the parts.
function walk(
  node: Statement['command'],
  joint: Joint,
  commands: SimpleCommand[],
): ReturnType<typeof unresolved> | undefined {
  switch (node.type) {
    case 'Command': {
      const command = readCommand(node, joint)
      if ('kind' in command) return command
      commands.push(command)
      return undefined
    }
    case 'Pipeline': {
      if (node.prefixes.length > 0) return unresolved('a negated or timed pipeline')
      for (const [at, part] of node.commands.entries()) {
        const operator = at < node.commands.length - 1 ? node.operators[at] : joint
        if (operator === undefined || operator === '|&') return unresolved('the operator |&')
        const refused = walk(part, operator, commands)
        if (refused !== undefined) return refused
      }
      return undefined
    }
    case 'AndOr': {
      for (const [at, part] of node.commands.entries()) {
        const operator = at < node.commands.length - 1 ? node.operators[at] : joint
        if (operator === undefined) return unresolved('a list without an operator')
        const refused = walk(part, operator, commands)
        if (refused !== undefined) return refused
      }
      return undefined
    }
    default:
      return unresolved(`a compound command (${node.type})`)
  }
}

function readCommand(node: Command, joint: Joint): Reading {
  const argv: string[] = []
  const redirects: Redirect[] = []
  for (const item of node.prefix) {
    if (item.type === 'Assignment') return unresolved('an assignment')
    const redirect = readRedirect(item)
    if ('kind' in redirect) return redirect
    redirects.push(redirect)
  }
  if (node.name === undefined) return unresolved('a command without a name')
  for (const item of [node.name, ...node.suffix]) {
    if (item.type === 'Word' || item.type === 'Assignment') {
      const word = item.type === 'Word' ? readWord(item) : readAssignment(item)
      if (word.kind === 'unresolved') return word
      argv.push(word.text)
      continue
    }
    const redirect = readRedirect(item)
    if ('kind' in redirect) return redirect
    redirects.push(redirect)
  }
  return { argv, redirects, joint }
}

function readRedirect(node: Redirection): Redirect | ReturnType<typeof unresolved> {
  if (node.type !== 'Redirect' || node.target === undefined) return unresolved('a here-document')
  if (node.descriptor !== undefined && node.descriptor.type !== 'FileDescriptor')
    return unresolved('a descriptor variable')
  const target = readWord(node.target)
  if (target.kind === 'unresolved') return target
  const descriptor = node.descriptor?.value
  switch (node.operator) {
    case '>':
    case '>>':
    case '<':
    case '>&':
    case '<&':
      return { descriptor, operator: node.operator, target: target.text }
    case '<>':
    case '>|':
    case '&>':
    case '&>>':
      return unresolved(`the redirect ${node.operator}`)
  }
}

// In `name=value` after a command name bash sees an assignment only for its own builtins; for us it
// is one word.
function readAssignment(node: Assignment): Piece {
  if (node.value.type !== 'Word' || node.index !== undefined) return unresolved('an array')
  const value = readWord(node.value)
  if (value.kind === 'unresolved') return value
  return text(`${node.name}${node.append === true ? '+=' : '='}${value.text}`)
}

// `value` alone hides expansions: it is only trusted when the parts add up to it.
function readWord(word: Word): Piece {
  if (word.text.startsWith('~')) return unresolved('a tilde')
  if (word.parts === undefined || word.parts.length === 0) return text(word.value)
  let value = ''
  for (const part of word.parts) {
    switch (part.type) {
      case 'Literal':
      case 'SingleQuoted':
        value += part.value
        break
      case 'DoubleQuoted': {
        const quoted = readDoubleQuoted(part)
        if (quoted.kind === 'unresolved') return quoted
        value += quoted.text
        break
      }
      default:
        return unresolved(`an expansion (${part.type})`)
    }
  }
  return value === word.value ? text(value) : unresolved('a word that does not add up')
}

function readDoubleQuoted(part: DoubleQuotedPart): Piece {
  let value = ''
  for (const child of part.parts) {
    if (child.type !== 'Literal') return unresolved(`an expansion (${child.type})`)
    value += child.value
  }
  return text(value)
}

function text(value: string): Piece {
  return { kind: 'text', text: value }
}
