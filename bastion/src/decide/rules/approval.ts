import { z } from 'zod'
import type { ApprovalTerms } from '../approval.ts'

/** The part of an approve rule that says who must agree, and for how long that holds. */
export interface ApprovePattern {
  readonly by: {
    readonly groups?: readonly string[] | undefined
    readonly identities?: readonly string[] | undefined
  }
  readonly count?: number | undefined
  readonly ttl?: string | undefined
  readonly reason_required?: boolean | undefined
  readonly grant?: string | undefined
  readonly ends_sessions?: boolean | undefined
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 }
const written = /^([1-9][0-9]{0,5})([smh])$/
const hour = 3600
const maxTtl = hour
const maxGrant = 12 * hour
const maxApprovers = 8
const defaultTtl = '10m'

function duration(max: number): z.ZodType<string> {
  return z
    .string()
    .regex(written, { error: 'a duration is written 90s, 10m or 2h', abort: true })
    .refine((text) => readDuration(text) <= max, `this is longer than ${max / hour}h`)
}

const names = z.array(z.string().min(1).max(200)).min(1, 'an empty list is nobody')

/** What is required with `effect: approve`, and has no meaning without. */
export const approveSchema: z.ZodType<ApprovePattern> = z
  .strictObject({
    by: z
      .strictObject({ groups: names.optional(), identities: names.optional() })
      .refine(
        ({ groups, identities }) => groups !== undefined || identities !== undefined,
        'say who: groups, identities or both',
      ),
    count: z.int().min(1).max(maxApprovers).optional(),
    ttl: duration(maxTtl).optional(),
    reason_required: z.boolean().optional(),
    grant: duration(maxGrant).optional(),
    ends_sessions: z.boolean().optional(),
  })
  .refine(
    ({ by: { groups, identities }, count = 1 }) =>
      groups !== undefined || identities === undefined || count <= new Set(identities).size,
    {
      path: ['count'],
      message: 'more approvals than there are approvers',
    },
  )
  .refine(({ grant, ends_sessions: ends }) => grant !== undefined || ends !== true, {
    path: ['ends_sessions'],
    message: 'without a grant there is nothing that could end',
  })

/** Returns the terms that a rule states, with what it left out. */
export function readTerms(pattern: ApprovePattern): ApprovalTerms {
  return {
    by: { groups: pattern.by.groups ?? [], identities: pattern.by.identities ?? [] },
    count: pattern.count ?? 1,
    ttl: readDuration(pattern.ttl ?? defaultTtl),
    reasonRequired: pattern.reason_required ?? false,
    grant: pattern.grant === undefined ? 0 : readDuration(pattern.grant),
    endsSessions: pattern.ends_sessions ?? false,
  }
}

function readDuration(text: string): number {
  const [, amount, unit = ''] = written.exec(text) ?? []
  return Number(amount) * (unitSeconds[unit] ?? NaN)
}
