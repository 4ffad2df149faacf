import { z } from 'zod'

/** What seals the vault: where its KEK (the key that seals its keys) comes from. */
export interface VaultEntry {
  readonly kek: KekEntry
}

export type KekEntry =
  | {
      readonly kind: 'file'
      /** 32 bytes, raw, hex or base64. */
      readonly file: string
    }
  | {
      readonly kind: 'systemd'
      /** The name given to LoadCredential= or LoadCredentialEncrypted=. */
      readonly name: string
    }
  | {
      readonly kind: 'passphrase'
      /** Its first line is the passphrase. */
      readonly file: string
    }
  | TransitEntry
  | AwsKmsEntry

/** A key of the transit engine of HashiCorp Vault or OpenBao. */
export interface TransitEntry {
  readonly kind: 'transit'
  readonly address: string
  readonly mount: string
  readonly key: string
  readonly tokenFile: string
  readonly caFile?: string | undefined
  readonly namespace?: string | undefined
  /** Seconds for one wrapping or unwrapping, with all its tries. */
  readonly timeout: number
}

/** A key of AWS KMS; without `credentialsFile` the credentials are those of the environment. */
export interface AwsKmsEntry {
  readonly kind: 'aws-kms'
  readonly key: string
  readonly region?: string | undefined
  readonly endpoint?: string | undefined
  readonly caFile?: string | undefined
  readonly credentialsFile?: string | undefined
  readonly profile: string
  /** Seconds for one wrapping or unwrapping, with all its tries. */
  readonly timeout: number
}

const timeout = z.number().int().positive().max(60).default(5)
const address = z.string().refine(isEngineAddress, 'an https address; http is for loopback alone')
const pathPart = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/

const kek = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('file'), file: z.string() }),
  z.strictObject({ kind: z.literal('systemd'), name: z.string().regex(pathPart) }),
  z.strictObject({ kind: z.literal('passphrase'), file: z.string() }),
  z.strictObject({
    kind: z.literal('transit'),
    address,
    mount: z
      .string()
      .refine((mount) => mount.split('/').every((part) => pathPart.test(part)), 'a path of names')
      .default('transit'),
    key: z.string().regex(pathPart),
    tokenFile: z.string(),
    caFile: z.string().optional(),
    namespace: z
      .string()
      .regex(/^[!-~]{1,256}$/)
      .optional(),
    timeout,
  }),
  z.strictObject({
    kind: z.literal('aws-kms'),
    key: z
      .string()
      .regex(
        /^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key\/[A-Za-z0-9-]+$/,
        'the ARN of a key, not of an alias',
      ),
    region: z
      .string()
      .regex(/^[a-z0-9-]{1,32}$/)
      .optional(),
    endpoint: address.optional(),
    caFile: z.string().optional(),
    credentialsFile: z.string().optional(),
    profile: z.string().default('default'),
    timeout,
  }),
])

/** `keyFile: FILE` is short for `kek: { kind: file, file: FILE }`. */
export const vaultSchema: z.ZodType<VaultEntry> = z
  .strictObject({ keyFile: z.string().optional(), kek: kek.optional() })
  .transform((given, context): VaultEntry => {
    const { keyFile, kek: entry } = given
    if (keyFile !== undefined && entry === undefined)
      return { kek: { kind: 'file', file: keyFile } }
    if (keyFile === undefined && entry !== undefined) return { kek: entry }
    context.addIssue({ code: 'custom', message: 'give exactly one of "keyFile" and "kek"' })
    return z.NEVER
  })

/** Returns the entry with its files taken from where the configuration is. */
export function vaultFrom({ kek: entry }: VaultEntry, from: (path: string) => string): VaultEntry {
  const maybe = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : from(path)
  switch (entry.kind) {
    case 'file':
    case 'passphrase':
      return { kek: { ...entry, file: from(entry.file) } }
    case 'systemd':
      return { kek: entry }
    case 'transit':
      return { kek: { ...entry, tokenFile: from(entry.tokenFile), caFile: maybe(entry.caFile) } }
    case 'aws-kms': {
      const { caFile, credentialsFile } = entry
      return {
        kek: { ...entry, caFile: maybe(caFile), credentialsFile: maybe(credentialsFile) },
      }
    }
  }
}

function isEngineAddress(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  if (protocol === 'https:') return true
  return protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname)
}
