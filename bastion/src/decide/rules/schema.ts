import { z } from 'zod'
import { reservedRules } from '../decision.ts'
import { needsSpelling } from '../match/index.ts'
import { ruleSubjects, subjectsOf, type RuleDocument } from './document.ts'
import { environmentSchema, forwardSchema, runSchema, whereSchema, whoSchema } from './patterns.ts'

const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'an id is made of a-z, 0-9, dot, dash and underscore')
  .refine((name) => !reservedRules.includes(name), 'this id is used for decisions without a rule')

const message = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, 'a message is one line of printable text')

const examples = z.array(z.string().min(1)).min(1)

/** One rule. */
export const ruleSchema: z.ZodType<RuleDocument> = z
  .strictObject({
    id,
    effect: z.enum(['allow', 'deny']),
    message: message.optional(),
    who: whoSchema.optional(),
    where: whereSchema.optional(),
    run: runSchema.optional(),
    shell: z.strictObject({ pty: z.union([z.boolean(), z.literal('any')]) }).optional(),
    subsystem: z
      .array(z.string().regex(/^[A-Za-z0-9@._-]{1,64}$/, 'not a name of a subsystem'))
      .min(1)
      .optional(),
    forward: forwardSchema.optional(),
    agent: z.literal(true).optional(),
    x11: z.literal(true).optional(),
    env: environmentSchema.optional(),
    unresolved: z.literal('allow').optional(),
    tests: z.strictObject({ match: examples.optional(), no_match: examples.optional() }).optional(),
  })
  .check(({ value, issues }) => {
    for (const { path, message: complaint } of complaints(value))
      issues.push({ code: 'custom', message: complaint, path, input: value })
  })

/** The outside of a policy file. Rules are read one by one, so that a bad one hides no other problem. */
export const policySchema: z.ZodType<{ readonly version: 1; readonly rules: readonly unknown[] }> =
  z.strictObject({ version: z.literal(1), rules: z.array(z.unknown()) })

interface Complaint {
  readonly path: string[]
  readonly message: string
}

function complaints(rule: RuleDocument): readonly Complaint[] {
  const subjects = subjectsOf(rule)
  if (subjects.length !== 1)
    return [{ path: [], message: `give exactly one of ${ruleSubjects.join(', ')}` }]
  const [subject] = subjects
  const found: Complaint[] = []
  if (rule.effect === 'deny') found.push(...denyComplaints(rule))
  else found.push(...spellingComplaints(rule))
  if (
    rule.tests !== undefined &&
    (subject === 'agent' || subject === 'x11' || subject === 'unresolved')
  )
    found.push({ path: ['tests'], message: `a rule about ${subject} has nothing to test` })
  return found
}

// What narrows an allow rule would open a deny rule: `rm -rfv /` has an option that nobody listed.
function denyComplaints(rule: RuleDocument): readonly Complaint[] {
  const found: Complaint[] = []
  if (rule.unresolved !== undefined)
    found.push({ path: ['unresolved'], message: 'unresolved lines are denied without a rule' })
  for (const field of ['as', 'options', 'stdin', 'redirects', 'clean_env'] as const)
    if (rule.run?.[field] !== undefined)
      found.push({
        path: ['run', field],
        message: `a deny rule matches whatever stands beside its argv; it has no ${field}`,
      })
  if (typeof rule.run?.rest === 'object')
    found.push({
      path: ['run', 'rest'],
      message: 'a deny rule matches whatever stands beside its argv; it has no rest but any',
    })
  return found
}

function spellingComplaints(rule: RuleDocument): readonly Complaint[] {
  const head = rule.run?.argv[0]
  if (head === undefined || typeof head === 'string') return []
  return (head.oneOf ?? []).filter(needsSpelling).map((program) => ({
    path: ['run', 'argv', '0', 'oneOf'],
    message: `${program} can run other programs; give it a rule of its own that begins with it`,
  }))
}
