import { needsSpelling, type WordPattern } from '../match/index.ts'
import type { Complaint } from './complaint.ts'
import { subjectsOf, type RuleDocument } from './document.ts'

const untestable: readonly string[] = ['agent', 'x11', 'unresolved']

/** Returns what is allowed in a rule but opens more than it may seem to. */
export function lintRule(rule: RuleDocument): readonly Complaint[] {
  const found: Complaint[] = []
  const [subject = ''] = subjectsOf(rule)
  if (rule.tests === undefined && !untestable.includes(subject))
    found.push({
      path: ['id'],
      message: 'no tests: nothing shows that this rule says what is meant',
    })
  if (rule.effect === 'deny') return found
  if (rule.run !== undefined) found.push(...lintRun(rule.run))
  if (rule.shell?.mode === 'observed')
    found.push({
      path: ['shell', 'mode'],
      message: 'nothing that is typed in an observed shell is judged',
    })
  if (rule.unresolved === 'allow')
    found.push({ path: ['unresolved'], message: 'lines that are not understood run unjudged' })
  return found
}

function lintRun({ argv, options, rest }: NonNullable<RuleDocument['run']>): readonly Complaint[] {
  const found: Complaint[] = []
  const [head] = argv
  if (typeof head === 'string' && needsSpelling(head) && rest === 'any' && options === undefined)
    found.push({
      path: ['run', 'rest'],
      message: `${head} can run other programs, and any words may follow it: this allows everything`,
    })
  const loose = argv.findIndex(isAny)
  if (loose >= 0)
    found.push({ path: ['run', 'argv', loose], message: 'any word at all may stand here' })
  if (typeof rest === 'object' && isAny(rest.each))
    found.push({ path: ['run', 'rest', 'each'], message: 'any words at all may stand here' })
  return found
}

function isAny(pattern: WordPattern): boolean {
  return typeof pattern === 'object' && pattern.any === true
}
