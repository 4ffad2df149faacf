import { z } from 'zod'
import { reservedRules } from '../decision.ts'
import {
  ruleSubjects,
  subjectsOf,
  type ReviewPattern,
  type RuleDocument,
  type ShellPattern,
} from './document.ts'
import { approveSchema } from './approval.ts'
import type { Complaint } from './complaint.ts'
import { effectComplaints } from './combinations.ts'
import { fileComplaints, fileExampleSchema, filesSchema, gitSchema } from './file-patterns.ts'
import { environmentSchema, forwardSchema, runSchema, whereSchema, whoSchema } from './patterns.ts'
import { whenSchema } from './when.ts'

const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'an id is made of a-z, 0-9, dot, dash and underscore')
  .refine((name) => !reservedRules.includes(name), 'this id is used for decisions without a rule')

// More than this no person reads with care.
const maxReviewBytes = 2048

const unprintable = /[\p{C}\p{Zl}\p{Zp}]/u

const message = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => !unprintable.test(text), 'a message is one line of printable text')

const shellSchema: z.ZodType<ShellPattern> = z.strictObject({
  pty: z.union([z.boolean(), z.literal('any')], { error: 'expected true, false or any' }),
  mode: z.enum(['guarded', 'observed']).optional(),
})

const unresolvedSchema: z.ZodType<'allow' | ReviewPattern> = z.union(
  [
    z.literal('allow'),
    z.strictObject({ max_bytes: z.int().min(1).max(maxReviewBytes).default(maxReviewBytes) }),
  ],
  { error: 'expected allow, or {max_bytes} where people approve' },
)

const examples = z.array(z.union([z.string().min(1), fileExampleSchema])).min(1)

/** One rule. */
export const ruleSchema: z.ZodType<RuleDocument> = z
  .strictObject({
    id,
    effect: z.enum(['allow', 'approve', 'deny']),
    message: message.optional(),
    who: whoSchema.optional(),
    where: whereSchema.optional(),
    when: whenSchema.optional(),
    approve: approveSchema.optional(),
    run: runSchema.optional(),
    shell: shellSchema.optional(),
    subsystem: z
      .array(z.string().regex(/^[A-Za-z0-9@._-]{1,64}$/, 'not a name of a subsystem'))
      .min(1)
      .optional(),
    forward: forwardSchema.optional(),
    agent: z.literal(true).optional(),
    x11: z.literal(true).optional(),
    env: environmentSchema.optional(),
    unresolved: unresolvedSchema.optional(),
    files: filesSchema.optional(),
    git: gitSchema.optional(),
    tests: z.strictObject({ match: examples.optional(), no_match: examples.optional() }).optional(),
  })
  .check(({ value, issues }) => {
    for (const { path, message: complaint } of complaints(value))
      issues.push({ code: 'custom', message: complaint, path: [...path], input: value })
  })

/** The outside of a policy file. Rules are read one by one, so that a bad one hides no other problem. */
export const policySchema: z.ZodType<{ readonly version: 1; readonly rules: readonly unknown[] }> =
  z.strictObject({ version: z.literal(1), rules: z.array(z.unknown()) })

function complaints(rule: RuleDocument): readonly Complaint[] {
  const subjects = subjectsOf(rule)
  const [subject] = subjects
  if (subjects.length !== 1 || subject === undefined)
    return [{ path: [], message: `give exactly one of ${ruleSubjects.join(', ')}` }]
  const found = [...effectComplaints(rule, subject), ...fileComplaints(rule)]
  if (rule.tests !== undefined && ['agent', 'x11', 'unresolved'].includes(subject))
    found.push({ path: ['tests'], message: `a rule about ${subject} has nothing to test` })
  return found
}
