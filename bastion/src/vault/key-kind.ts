import { z } from 'zod'

export const keyIdSchema: z.ZodType<string> = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'an id has 1 to 64 letters, digits, ".", "_" or "-"')

export interface NewKey {
  readonly id: string
  readonly type?: 'ed25519' | 'ecdsa' | 'rsa' | undefined
  readonly bits?: number | undefined
}

/** What a new key is made from: its id, and its kind, of which ours are few. */
export const newKeyBody: z.ZodType<NewKey> = z
  .strictObject({
    id: keyIdSchema,
    type: z.enum(['ed25519', 'ecdsa', 'rsa']).optional(),
    bits: z.int().optional(),
  })
  .superRefine(({ type = 'ed25519', bits }, context) => {
    if (bits === undefined || areBitsOf(type, bits)) return
    context.addIssue({ code: 'custom', path: ['bits'], message: bitsOf[type] })
  })

const bitsOf = {
  ed25519: 'an ed25519 key has 256 bits',
  ecdsa: 'an ecdsa key has 256, 384 or 521 bits',
  rsa: 'an rsa key has 3072 to 8192 bits here, in steps of 8',
} as const

function areBitsOf(type: keyof typeof bitsOf, bits: number): boolean {
  switch (type) {
    case 'ed25519':
      return bits === 256
    case 'ecdsa':
      return bits === 256 || bits === 384 || bits === 521
    case 'rsa':
      return bits >= 3072 && bits <= 8192 && bits % 8 === 0
  }
}
