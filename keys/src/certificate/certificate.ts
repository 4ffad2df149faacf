import type { PublicKey, PublicKeyType } from '../publickey/index.ts'

/** An OpenSSH certificate as it was read (PROTOCOL.certkeys). Reading it has verified nothing yet. */
export interface Certificate {
  /** The type name on the wire, such as ssh-ed25519-cert-v01@openssh.com. */
  readonly certType: string
  readonly type: 'user' | 'host'
  /** The certified key. */
  readonly subject: PublicKey
  readonly serial: bigint
  /** For logs. It never decides anything. */
  readonly keyId: string
  readonly validPrincipals: readonly string[]
  /** Seconds since 1970; valid while validAfter <= now < validBefore. */
  readonly validAfter: bigint
  readonly validBefore: bigint
  /** Name to value; a flag has the value ''. */
  readonly criticalOptions: ReadonlyMap<string, string>
  readonly extensions: ReadonlyMap<string, string>
  readonly signatureKey: PublicKey
  readonly blob: Buffer
  /** The part of `blob` that the signature covers. */
  readonly signedBytes: Buffer
  readonly signature: Buffer
  readonly nonce: Buffer
}

export const mostPrincipals = 256
export const longestCertificate: number = 64 * 1024

const suffix = '-cert-v01@openssh.com'

/** One row per certified key type; the names of sk-* types carry their domain at the end. */
const certTypes: Readonly<Record<PublicKeyType, string>> = {
  'ssh-ed25519': `ssh-ed25519${suffix}`,
  'ecdsa-sha2-nistp256': `ecdsa-sha2-nistp256${suffix}`,
  'ecdsa-sha2-nistp384': `ecdsa-sha2-nistp384${suffix}`,
  'ecdsa-sha2-nistp521': `ecdsa-sha2-nistp521${suffix}`,
  'ssh-rsa': `ssh-rsa${suffix}`,
  'sk-ssh-ed25519@openssh.com': `sk-ssh-ed25519${suffix}`,
  'sk-ecdsa-sha2-nistp256@openssh.com': `sk-ecdsa-sha2-nistp256${suffix}`,
}

/** Returns the certificate type that certifies keys of this type. */
export function certTypeOf(type: PublicKeyType): string {
  return certTypes[type]
}

/**
 * Returns the signature algorithm that a userauth request must use when it names
 * `requestAlgorithm` for this certificate, or undefined when the two do not belong together.
 * RSA certificates have one type name and two algorithm names (RFC 8332); the SHA-1 one is refused.
 */
export function signatureAlgorithmOf(
  certificate: Certificate,
  requestAlgorithm: string,
): string | undefined {
  const { type } = certificate.subject
  if (type !== 'ssh-rsa') return requestAlgorithm === certificate.certType ? type : undefined
  return ['rsa-sha2-512', 'rsa-sha2-256'].find((name) => requestAlgorithm === name + suffix)
}
