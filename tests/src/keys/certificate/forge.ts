import type { KeyObject } from 'node:crypto'
import type { CertificateSigner, CertificateSpec } from '@sallyport/keys/certificate'
import { publicKeyFrom, signData } from '@sallyport/keys/publickey'
import { createReader, createWriter } from '@sallyport/keys/wire'

export function signerFor(key: KeyObject): CertificateSigner {
  return { publicKey: publicKeyFrom(key), sign: (data) => signData(key, data) }
}

/** 2026-01-01, in seconds: the tests' idea of now. */
export const now = 1_767_225_600n

export function specFor(
  subject: KeyObject,
  changes: Partial<CertificateSpec> = {},
): CertificateSpec {
  return {
    type: 'user',
    subject: publicKeyFrom(subject),
    serial: 42n,
    keyId: 'ci/github:acme jti=12345678',
    validPrincipals: ['agent', 'deploy'],
    validAfter: now - 60n,
    validBefore: now + 300n,
    ...changes,
  }
}

/** The fields of a certificate as bytes, so that a test can say what no sane signer would. */
export interface ForgedFields {
  readonly certType?: string
  readonly nonce?: Buffer
  readonly keyFields?: Buffer
  readonly type?: number
  readonly keyId?: string | Buffer
  readonly principals?: Buffer
  readonly criticalOptions?: Buffer
  readonly extensions?: Buffer
  readonly reserved?: Buffer
  readonly signatureKey?: Buffer
  readonly signature?: Buffer
}

/** Returns a certificate blob with these fields, with a good signature unless one is given. */
export function forge(subject: KeyObject, authority: KeyObject, fields: ForgedFields = {}): Buffer {
  const key = createReader(publicKeyFrom(subject).blob)
  const type = key.text()
  const signedBytes = createWriter()
    .string(fields.certType ?? `${type}-cert-v01@openssh.com`)
    .string(fields.nonce ?? Buffer.alloc(32, 7))
    .raw(fields.keyFields ?? key.rest())
    .u64(1n)
    .u32(fields.type ?? 1)
    .string(fields.keyId ?? 'forged')
    .string(fields.principals ?? strings('agent'))
    .u64(now - 60n)
    .u64(now + 300n)
    .string(fields.criticalOptions ?? Buffer.alloc(0))
    .string(fields.extensions ?? Buffer.alloc(0))
    .string(fields.reserved ?? Buffer.alloc(0))
    .string(fields.signatureKey ?? publicKeyFrom(authority).blob)
    .bytes()
  const signature = fields.signature ?? signData(authority, signedBytes)
  return createWriter().raw(signedBytes).string(signature).bytes()
}

export function strings(...values: readonly (string | Buffer)[]): Buffer {
  const writer = createWriter()
  for (const value of values) writer.string(value)
  return writer.bytes()
}
