import {
  unresolved,
  type Joint,
  type Redirect,
  type RedirectOperator,
  type Resolution,
  type SimpleCommand,
  type Unresolved,
} from './line.ts'
import { readWord } from './word.ts'

// Words that change the grammar when they stand first and bare.
const reserved = new Set(
  (
    'if then else elif fi for while until do done case esac in function select time coproc ' +
    '{ } ! [[ ]]'
  ).split(' '),
)
const assignment = /^[A-Za-z_][A-Za-z0-9_]*(?:\[|\+?=)/
const redirect = /([0-9]*)(>>|>&|>|<&|<)/y
// `>|`, `<>`, `<<`, `<(` and `>(` are never simple.
const afterRedirect = '|<>(&'

interface Draft {
  argv: string[]
  redirects: Redirect[]
}

/**
 * Returns the simple commands of a line in the smallest grammar that machines need: plain and quoted
 * words, `; & && || |`, newlines, comments, and redirects to a path or a descriptor. Everything else
 * is unresolved. It shares no code with the other parser, so that a fault of one shows as a
 * disagreement.
 */
export function tokenize(source: string): Resolution {
  const commands: SimpleCommand[] = []
  let draft: Draft = { argv: [], redirects: [] }
  let owed: Joint | undefined
  let at = 0

  const close = (joint: Joint): void => {
    commands.push({ ...draft, joint })
    draft = { argv: [], redirects: [] }
    owed = joint
  }

  while (at < source.length) {
    const character = source.charAt(at)
    if (character === ' ' || character === '\t') {
      at += 1
      continue
    }
    if (character === '#') {
      const newline = source.indexOf('\n', at)
      at = newline < 0 ? source.length : newline
      continue
    }
    if (character === '\n') {
      if (draft.redirects.length > 0 && draft.argv.length === 0) return lone(at)
      if (draft.argv.length > 0) close(';')
      at += 1
      continue
    }
    if (character === ';' || character === '&' || character === '|') {
      const joint = readJoint(source, at)
      if (joint === undefined || draft.argv.length === 0)
        return unresolved(`an operator that is not understood at character ${at + 1}`)
      close(joint)
      at += joint.length
      continue
    }
    if (character === '(' || character === ')')
      return unresolved(`a group or a function at character ${at + 1}`)

    const found = readRedirect(source, at)
    if (found?.kind === 'unresolved') return found
    if (found !== undefined) {
      draft.redirects.push(found.redirect)
      at = found.end
      continue
    }

    const word = readWord(source, at)
    if (word.kind === 'unresolved') return word
    if (draft.argv.length === 0) {
      if (word.bare && reserved.has(word.text))
        return unresolved(`the reserved word ${word.text} at character ${at + 1}`)
      if (assignment.test(word.text)) return unresolved(`an assignment at character ${at + 1}`)
    }
    draft.argv.push(word.text)
    at = word.end
  }

  if (draft.argv.length > 0) close('end')
  else if (draft.redirects.length > 0) return lone(at)
  else if (owed === '&&' || owed === '||' || owed === '|')
    return unresolved(`no command after ${owed}`)
  return finish(commands)
}

function readJoint(source: string, at: number): Joint | undefined {
  const character = source.charAt(at)
  const next = source.charAt(at + 1)
  if (character === ';') return next === ';' || next === '&' ? undefined : ';'
  if (character === '&') return next === '&' ? '&&' : next === '>' ? undefined : '&'
  return next === '|' ? '||' : next === '&' ? undefined : '|'
}

function readRedirect(
  source: string,
  start: number,
):
  | { readonly kind: 'redirect'; readonly redirect: Redirect; readonly end: number }
  | Unresolved
  | undefined {
  redirect.lastIndex = start
  const found = redirect.exec(source)
  if (found === null) return undefined
  const digits = found[1] ?? ''
  const operator = operatorOf(found[2] ?? '')
  let at = start + found[0].length
  const refused = unresolved(`a redirect that is not understood at character ${start + 1}`)
  // dash reads one digit as a descriptor and more as a word.
  if (operator === undefined || digits.length > 1) return refused
  if (afterRedirect.includes(source.charAt(at)) && at < source.length) return refused
  while (source.charAt(at) === ' ' || source.charAt(at) === '\t') at += 1
  if (source.charAt(at) === '#') return refused
  const word = readWord(source, at)
  if (word.kind === 'unresolved') return word
  // In `>&1>x` one shell takes the digit for a target, another for the next descriptor.
  if (/^[0-9]+$/.test(word.text) && '<>'.includes(source.charAt(word.end) || ' ')) return refused
  const duplicates = operator === '>&' || operator === '<&'
  if (duplicates ? !/^[0-9]$/.test(word.text) || !word.bare : word.text === '') return refused
  const descriptor = digits === '' ? undefined : Number(digits)
  return {
    kind: 'redirect',
    redirect: { descriptor, operator, target: word.text },
    end: word.end,
  }
}

function operatorOf(text: string): RedirectOperator | undefined {
  switch (text) {
    case '>':
    case '>>':
    case '<':
    case '>&':
    case '<&':
      return text
    default:
      return undefined
  }
}

function lone(at: number): Unresolved {
  return unresolved(`a redirect without a command before character ${at + 1}`)
}

function finish(commands: SimpleCommand[]): Resolution {
  const last = commands.pop()
  if (last === undefined) return unresolved('no command')
  commands.push(last.joint === ';' ? { ...last, joint: 'end' } : last)
  return { kind: 'resolved', line: { commands } }
}
