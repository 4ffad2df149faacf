import { z } from 'zod'
import type { Revocation, RevokedThing } from './revocation.ts'

const line = (most: number): z.ZodString =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'one line without control characters')

/** Why, in the words of whoever revokes; the agent reads it too. */
export const reasonSchema: z.ZodType<string> = line(500)

export const revokedThingSchema: z.ZodType<RevokedThing> = z.union([
  z.strictObject({
    kind: z.literal('serial'),
    serial: z
      .string()
      .regex(/^(0|[1-9][0-9]{0,19})$/, 'a serial is a decimal number')
      .refine((text) => BigInt(text) < 1n << 64n, 'a serial has 64 bits'),
  }),
  z.strictObject({
    kind: z.literal('key'),
    key: z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'a fingerprint as ssh-keygen -l prints it'),
  }),
  z.strictObject({ kind: z.literal('identity'), identity: line(128) }),
  z.strictObject({ kind: z.literal('subject'), issuer: line(64), subject: line(1024) }),
])

const revocationSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9]{1,32}$/),
  what: revokedThingSchema,
  reason: reasonSchema,
  by: line(200),
  at: z.iso.datetime(),
  expiresAt: z.iso.datetime().optional(),
})

const documentSchema = z.strictObject({
  format: z.literal('sallyport-revocations/1'),
  revocations: z.array(revocationSchema),
})

export interface RevocationDocument {
  readonly format: 'sallyport-revocations/1'
  readonly revocations: readonly Revocation[]
}

/** Reads the content of the file. Throws for anything that is not understood whole: it could be what is revoked. */
export function parseRevocationDocument(value: unknown): RevocationDocument {
  const parsed = documentSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new TypeError(`is no list of revocations: ${issue?.path.join('.')}: ${issue?.message}`)
}
