import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { unfoldLine, type Unfolded } from '@sallyport/bastion/decide/effects'
import { refuseProgram } from '@sallyport/bastion/decide/match'
import { readCommandText, resolveLine } from '@sallyport/bastion/decide/parse'

// Why a line that people write every day is refused, by what the refusal says.
const classes: Readonly<Record<string, RegExp>> = {
  variable: /an expansion/,
  pattern: /a file name pattern|a bracket/,
  brace: /a brace/,
  tilde: /a tilde/,
  compound: /the reserved word|a group or a function/,
  assignment: /an assignment/,
  'here-document': /a redirect that is not understood/,
  'bare redirect': /a redirect without a command/,
  builtin: /the shell builtin/,
  wrapper:
    /of sudo is|is only understood as|flock with|of find is|could change what programs do|not looked into|the text for|this use of su /,
}

interface Everyday {
  readonly line: string
  /** Undefined where the line can be judged. */
  readonly refusal: string | undefined
}

const text = readFileSync(
  new URL('../../../vectors/everyday-commands.txt', import.meta.url),
  'utf8',
)
const everyday: readonly Everyday[] = text
  .split('\n')
  .filter((entry) => entry !== '' && !entry.startsWith('#'))
  .map((entry) => {
    const [, refusal, line = ''] = /^(?:\+|- ([a-z -]+):) (.*)$/.exec(entry) ?? []
    return { line, refusal }
  })
const refused = everyday.filter(({ refusal }) => refusal !== undefined)
const counts = Object.keys(classes)
  .map((name) => `${refused.filter(({ refusal }) => refusal === name).length} ${name}`)
  .join(', ')

describe(`${everyday.length} everyday commands, ${refused.length} refused (${counts})`, () => {
  it('are at least 500, all different, and each refusal has a known class', () => {
    assert.ok(everyday.length >= 500)
    assert.equal(new Set(everyday.map(({ line }) => line)).size, everyday.length)
    for (const { refusal } of refused)
      assert.ok(refusal !== undefined && refusal in classes, refusal)
  })

  it('are refused for no more than one in six', () => {
    assert.ok(refused.length * 6 <= everyday.length, `${refused.length} of ${everyday.length}`)
  })

  it('can be judged or are refused for the reason that the list gives', () => {
    for (const { line, refusal } of everyday) {
      const reason = refusalOf(line)
      const found = Object.entries(classes).find(
        ([, says]) => reason !== undefined && says.test(reason),
      )
      assert.equal(reason === undefined ? undefined : (found?.[0] ?? reason), refusal, line)
    }
  })
})

// A program inside which nothing can be followed can still be spelled out by a rule; it counts as
// refused here, since no rule for what it runs would allow it.
function refusalOf(line: string): string | undefined {
  const gate = readCommandText(Buffer.from(line, 'utf8'))
  if (gate.kind === 'bytes') return gate.reason
  const resolution = resolveLine(gate.text)
  if (resolution.kind === 'unresolved') return resolution.reason
  return reasonOf(unfoldLine(resolution.line))
}

function reasonOf(commands: readonly Unfolded[]): string | undefined {
  for (const { effect, inside } of commands) {
    const reason =
      refuseProgram(effect.argv) ??
      (inside.kind === 'closed'
        ? inside.reason
        : inside.kind === 'commands'
          ? reasonOf(inside.parts)
          : undefined)
    if (reason !== undefined) return reason
  }
  return undefined
}
