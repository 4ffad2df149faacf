import { z } from 'zod'

/** How targets, issuers, identities and the like are named. */
export const name: z.ZodString = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/, 'lower-case letters, digits, dots and dashes')
