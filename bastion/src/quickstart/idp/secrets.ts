import { DurableJSONFile } from '@sallyport/keys/durable'
import { exportJWK, generateKeyPair } from 'jose'
import { randomBytes } from 'node:crypto'
import { z } from 'zod'

/** What the development identity provider must find again after a restart. */
export interface IdpSecrets {
  /** The port that it had last; the issuer's name holds it. */
  readonly port: number
  /** A private JSON Web Key. */
  readonly signingKey: Readonly<Record<string, string>>
  readonly cookieKey: string
  readonly clients: { readonly agent: string; readonly human: string; readonly web: string }
}

const secret = z.string().min(32)

const schema: z.ZodType<IdpSecrets> = z.strictObject({
  port: z.int().min(1).max(65_535),
  signingKey: z.record(z.string(), z.string()),
  cookieKey: secret,
  clients: z.strictObject({ agent: secret, human: secret, web: secret }),
})

/** Reads the secrets of a data folder, mode 0600; undefined when there are none yet. */
export async function readIdpSecrets(file: string): Promise<IdpSecrets | undefined> {
  return (await fileAt(file).read()) ?? undefined
}

/** Writes the secrets for a provider on `port`, new ones when there are none yet. */
export async function keepIdpSecrets(
  file: string,
  known: IdpSecrets | undefined,
  port: number,
): Promise<IdpSecrets> {
  if (known?.port === port) return known
  const secrets = { ...(known ?? (await newSecrets())), port }
  await fileAt(file).write(secrets)
  return secrets
}

async function newSecrets(): Promise<Omit<IdpSecrets, 'port'>> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const { kty = '', crv = '', x = '', y = '', d = '' } = await exportJWK(privateKey)
  const kid = randomBytes(6).toString('hex')
  const signingKey = { kty, crv, x, y, d, kid, alg: 'ES256', use: 'sig' }
  const clients = { agent: newSecret(), human: newSecret(), web: newSecret() }
  return { signingKey, cookieKey: newSecret(), clients }
}

function newSecret(): string {
  return randomBytes(24).toString('base64url')
}

function fileAt(file: string): DurableJSONFile<IdpSecrets> {
  return new DurableJSONFile(file, { parse: (value) => schema.parse(value) })
}
