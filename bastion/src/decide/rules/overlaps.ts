import { isDeepStrictEqual } from 'node:util'
import { baseName, compileWord, type WordPattern } from '../match/index.ts'
import type { RuleDocument, ShellPattern } from './document.ts'

/** A rule that does nothing, and why. */
export interface Overlap {
  readonly at: number
  readonly message: string
}

/**
 * Returns the rules that say what an earlier rule says, and the rules that let nothing through because
 * a deny rule without conditions takes all of it. Only what is certain is reported.
 */
export function findOverlaps(rules: readonly (RuleDocument | undefined)[]): readonly Overlap[] {
  const found: Overlap[] = []
  const seen = new Map<string, string>()
  const denying = rules.filter((rule) => rule !== undefined && deniesEveryone(rule))
  for (const [at, rule] of rules.entries()) {
    if (rule === undefined) continue
    const meaning = meaningOf(rule)
    const twin = seen.get(meaning)
    if (twin !== undefined) found.push({ at, message: `says the same as the rule ${twin}` })
    else seen.set(meaning, rule.id)
    if (rule.effect === 'deny') continue
    const taker = denying.find((deny) => deny !== undefined && takesAll(deny, rule))
    if (taker !== undefined)
      found.push({ at, message: `lets nothing through: the rule ${taker.id} denies all of it` })
  }
  return found
}

function meaningOf({
  id: _id,
  message: _message,
  tests: _tests,
  ...meaning
}: RuleDocument): string {
  return JSON.stringify(meaning, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  })
}

function deniesEveryone({ effect, who, where, when }: RuleDocument): boolean {
  return effect === 'deny' && who === undefined && where === undefined && when === undefined
}

function takesAll(deny: RuleDocument, open: RuleDocument): boolean {
  if (deny.run !== undefined && open.run !== undefined) return takesRun(deny.run, open.run)
  if (deny.shell !== undefined && open.shell !== undefined)
    return takesShell(deny.shell, open.shell)
  if (deny.subsystem !== undefined && open.subsystem !== undefined)
    return open.subsystem.every((name) => deny.subsystem?.includes(name) === true)
  return (
    (deny.agent !== undefined && open.agent !== undefined) ||
    (deny.x11 !== undefined && open.x11 !== undefined)
  )
}

function takesShell(deny: ShellPattern, open: ShellPattern): boolean {
  if (deny.mode !== undefined && deny.mode !== open.mode) return false
  return deny.pty === 'any' || deny.pty === open.pty
}

type Run = NonNullable<RuleDocument['run']>

function takesRun(deny: Run, open: Run): boolean {
  // What says more than its words may take less than they say.
  if (Object.keys(deny).some((field) => field !== 'argv' && field !== 'rest')) return false
  const [denied, ...operands] = deny.argv
  const [program, ...words] = open.argv
  if (denied === undefined || program === undefined) return false
  // A rule that denies every program is how an admin stops everything for a while.
  if (typeof denied === 'object' && denied.oneOf === undefined) return false
  if (!takesProgram(denied, program)) return false
  let next = 0
  for (const word of words) {
    const wanted = operands[next]
    if (wanted !== undefined && takesWord(wanted, word)) next += 1
  }
  return next === operands.length
}

// A deny rule for `rm` takes `/bin/rm` too.
function takesProgram(deny: WordPattern, open: WordPattern): boolean {
  const programs = typeof open === 'string' ? [open] : open.oneOf
  if (programs === undefined) return false
  return programs.every((one) => takesWord(deny, one) || takesWord(deny, baseName(one)))
}

function takesWord(deny: WordPattern, open: WordPattern): boolean {
  if (typeof deny === 'object' && deny.any === true) return true
  if (isDeepStrictEqual(deny, open)) return true
  const words = typeof open === 'string' ? [open] : open.oneOf
  if (words === undefined) return false
  const { accepts } = compileWord(deny, 'deny')
  return words.every(accepts)
}
