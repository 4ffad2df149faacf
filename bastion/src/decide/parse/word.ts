import { unresolved, type Unresolved } from './line.ts'

export interface Word {
  readonly kind: 'word'
  /** With quotes and escapes removed. */
  readonly text: string
  /** True when nothing of it was quoted or escaped: only such a word can be reserved. */
  readonly bare: boolean
  /** Where the word ends in the source. */
  readonly end: number
}

interface Piece {
  readonly kind: 'piece'
  readonly text: string
  readonly end: number
}

const breaks = ' \t\n;&|<>()'
const plainRun = /[A-Za-z0-9_\-./:=+,@%^#]+/y
const escapedInDoubleQuotes = '$`"\\'

/** Returns the word that starts at `start`; what a shell would expand makes it unresolved. */
export function readWord(source: string, start: number): Word | Unresolved {
  let text = ''
  let bare = true
  let at = start
  while (at < source.length && !breaks.includes(source.charAt(at))) {
    const quote = source.charAt(at)
    if (quote === "'" || quote === '"' || quote === '\\') bare = false
    const piece = readPiece(source, at, start)
    if (piece.kind === 'unresolved') return piece
    text += piece.text
    at = piece.end
  }
  return { kind: 'word', text, bare, end: at }
}

function readPiece(source: string, at: number, start: number): Piece | Unresolved {
  switch (source.charAt(at)) {
    case "'":
      return readSingleQuoted(source, at)
    case '"':
      return readDoubleQuoted(source, at)
    case '\\':
      return readEscape(source, at)
    default:
      return readUnquoted(source, at, start)
  }
}

function readSingleQuoted(source: string, at: number): Piece | Unresolved {
  const close = source.indexOf("'", at + 1)
  if (close < 0) return unresolved(`a single quote that is not closed at character ${at + 1}`)
  return { kind: 'piece', text: source.slice(at + 1, close), end: close + 1 }
}

function readDoubleQuoted(source: string, open: number): Piece | Unresolved {
  let text = ''
  let at = open + 1
  while (at < source.length) {
    const character = source.charAt(at)
    if (character === '"') return { kind: 'piece', text, end: at + 1 }
    if (character === '$' || character === '`') return expansion(at)
    if (character !== '\\') {
      text += character
      at += 1
      continue
    }
    const next = source.charAt(at + 1)
    if (next === '\n') return continuation(at)
    const escapes = next !== '' && escapedInDoubleQuotes.includes(next)
    text += escapes ? next : character
    at += escapes ? 2 : 1
  }
  return unresolved(`a double quote that is not closed at character ${open + 1}`)
}

function readEscape(source: string, at: number): Piece | Unresolved {
  const next = source.charAt(at + 1)
  if (next === '') return unresolved('a backslash at the end')
  if (next === '\n') return continuation(at)
  return { kind: 'piece', text: next, end: at + 2 }
}

function readUnquoted(source: string, at: number, start: number): Piece | Unresolved {
  plainRun.lastIndex = at
  const run = plainRun.exec(source)
  if (run !== null) return { kind: 'piece', text: run[0], end: at + run[0].length }
  const character = source.charAt(at)
  switch (character) {
    case '$':
    case '`':
      return expansion(at)
    case '*':
    case '?':
      return unresolved(`a file name pattern at character ${at + 1}`)
    case '[':
      // Alone it is the name of a program; in a longer word it begins a pattern.
      if (at === start && isWordEnd(source, at + 1)) return literal(character, at)
      return unresolved(`a file name pattern at character ${at + 1}`)
    case ']':
      if (at === start && isWordEnd(source, at + 1)) return literal(character, at)
      return unresolved(`a bracket at character ${at + 1}`)
    case '{':
      if (source.charAt(at + 1) === '}') return { kind: 'piece', text: '{}', end: at + 2 }
      return unresolved(`a brace at character ${at + 1}`)
    case '}':
      return unresolved(`a brace at character ${at + 1}`)
    case '~':
      if (at === start || '=:'.includes(source.charAt(at - 1)))
        return unresolved(`a tilde at character ${at + 1}`)
      return literal(character, at)
    case '!':
      if (source.charAt(at + 1) === '(')
        return unresolved(`a file name pattern at character ${at + 1}`)
      return literal(character, at)
    default:
      return literal(character, at)
  }
}

function literal(character: string, at: number): Piece {
  return { kind: 'piece', text: character, end: at + 1 }
}

function isWordEnd(source: string, at: number): boolean {
  return at >= source.length || breaks.includes(source.charAt(at))
}

function expansion(at: number): Unresolved {
  return unresolved(`an expansion at character ${at + 1}`)
}

function continuation(at: number): Unresolved {
  return unresolved(`a line continuation at character ${at + 1}`)
}
