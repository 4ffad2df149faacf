import { z } from 'zod'
import type { DecisionIdentity } from '../decide/index.ts'

/** Who asks, as a JSON file or a case says it; what is left out is empty. */
export const identitySchema: z.ZodType<DecisionIdentity> = z.strictObject({
  name: z.string().min(1),
  groups: z.array(z.string()).default([]),
  claims: z.record(z.string(), z.unknown()).default({}),
  issuer: z.string().default(''),
  subject: z.string().default(''),
})
