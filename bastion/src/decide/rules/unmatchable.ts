import { needsSpelling, refuseAlways, type WordPattern } from '../match/index.ts'
import { readCommandText } from '../parse/index.ts'
import type { Complaint } from './complaint.ts'
import type { RuleDocument } from './document.ts'
import type { PathStep } from './source.ts'

interface PlacedPattern {
  readonly path: readonly PathStep[]
  readonly pattern: WordPattern
}

/** Returns why no command at all can match a rule that lets commands through. */
export function runComplaints(rule: RuleDocument): readonly Complaint[] {
  if (rule.run === undefined) return []
  return [...headComplaints(rule.run.argv[0]), ...wordsOf(rule.run).flatMap(wordComplaints)]
}

function headComplaints(head: WordPattern | undefined): readonly Complaint[] {
  if (head === undefined) return []
  const alone = typeof head === 'string'
  const programs = alone ? [head] : (head.oneOf ?? [])
  const path = ['run', 'argv', 0, ...(alone ? [] : ['oneOf'])]
  return programs.flatMap((program) => {
    const refused = refuseAlways(program)
    if (refused !== undefined) return [{ path, message: `no rule can allow this: ${refused}` }]
    if (alone || !needsSpelling(program)) return []
    const message = `${program} can run other programs; give it a rule of its own that begins with it`
    return [{ path, message }]
  })
}

function wordsOf(run: NonNullable<RuleDocument['run']>): readonly PlacedPattern[] {
  const found: PlacedPattern[] = run.argv.map((pattern, at) => ({
    path: ['run', 'argv', at],
    pattern,
  }))
  for (const [at, option] of (run.options ?? []).entries())
    if (typeof option === 'object')
      for (const [name, pattern] of Object.entries(option))
        found.push({ path: ['run', 'options', at, name], pattern })
  if (typeof run.rest === 'object')
    found.push({ path: ['run', 'rest', 'each'], pattern: run.rest.each })
  return found
}

function wordComplaints({ path, pattern }: PlacedPattern): readonly Complaint[] {
  if (typeof pattern === 'string') return literalComplaints(path, pattern)
  const { oneOf, glob } = pattern
  if (oneOf !== undefined)
    return oneOf.flatMap((word, at) => literalComplaints([...path, 'oneOf', at], word))
  if (glob === undefined) return []
  const never = (message: string): readonly Complaint[] => [{ path: [...path, 'glob'], message }]
  if (glob.startsWith('-'))
    return never('a glob covers no option, so this matches nothing; list it under options')
  if (glob.split('/').includes('..'))
    return never('a glob covers no word with a .. segment, so this matches nothing')
  return []
}

function literalComplaints(path: readonly PathStep[], word: string): readonly Complaint[] {
  const text = readCommandText(Buffer.from(word, 'utf8'))
  return text.kind === 'text' ? [] : [{ path, message: `no command can hold this: ${text.reason}` }]
}
