import { certTypeOf, parseCertificate, validateCertificate } from '../certificate/index.ts'
import type { Certificate, CertificateRejection } from '../certificate/index.ts'
import { fingerprint, parsePublicKey, signatureAlgorithms } from '../publickey/index.ts'
import type { PublicKey, PublicKeyType } from '../publickey/index.ts'
import { isRevoked, pinnedOf } from './record.ts'
import type { HostKeyRecord } from './record.ts'

export type HostKeyCheck =
  /** The key itself is pinned. */
  | { readonly kind: 'pinned'; readonly publicKey: PublicKey }
  /** A pinned authority vouches for it. */
  | { readonly kind: 'certified'; readonly publicKey: PublicKey; readonly authority: PublicKey }
  | HostKeyRefusal

export interface HostKeyRefusal {
  readonly kind: 'refused'
  /** A mismatch or a revoked key means that somebody else may be answering; the others heal by themselves. */
  readonly code: 'unpinned' | 'mismatch' | 'revoked' | 'not-in-time'
  readonly expected: readonly string[]
  /** The fingerprint of the key that was shown, or of the bytes when they are none. */
  readonly offered: string
  /** What was shown, when it was a key. */
  readonly publicKey?: PublicKey
  /** A sentence about "its host key". */
  readonly reason: string
}

export interface HostKeyQuestion {
  /** What is known of the target. */
  readonly records: readonly HostKeyRecord[]
  /** What the other side showed; it may be anything. */
  readonly hostKey: Uint8Array
  /** A host certificate must be for one of these. */
  readonly names: readonly string[]
  /** Seconds since 1970. */
  readonly now: number
}

/**
 * Returns whether a target may be talked to. Nothing is ever learned from the question. That the other side holds the
 * private key is for the key exchange to prove.
 */
export function checkHostKey(question: HostKeyQuestion): HostKeyCheck {
  const { records, hostKey } = question
  const shown = readHostKey(hostKey)
  if (shown === undefined) return refusal(question, 'mismatch', fingerprint(hostKey))
  const { publicKey, certificate } = shown
  const offered = fingerprint(publicKey.blob)
  if (isRevoked(records, publicKey.blob)) {
    return { ...refusal(question, 'revoked', offered, publicKey), reason: revoked(offered) }
  }
  // Whoever proves to hold a pinned key has proven enough, whatever certificate comes with it.
  const pinned = pinnedOf(records, 'key').some(({ blob }) => blob.equals(publicKey.blob))
  if (pinned) return { kind: 'pinned', publicKey }
  const authorities = pinnedOf(records, 'authority')
  if (certificate === undefined || authorities.length === 0) {
    return refusal(question, 'mismatch', offered, publicKey)
  }
  return checkCertificate(question, certificate, authorities)
}

function checkCertificate(
  question: HostKeyQuestion,
  certificate: Certificate,
  authorities: readonly PublicKey[],
): HostKeyCheck {
  const { records, names, now } = question
  const { subject: publicKey, validPrincipals, signatureKey: authority } = certificate
  const offered = fingerprint(publicKey.blob)
  const principal = names.find((name) => validPrincipals.includes(name)) ?? names[0]
  if (principal === undefined) return refusal(question, 'mismatch', offered, publicKey)
  const verdict = validateCertificate(certificate, {
    authorities,
    type: 'host',
    principal,
    now,
    isRevoked: ({ signatureKey }) => isRevoked(records, signatureKey.blob),
  })
  if (verdict.kind === 'valid') return { kind: 'certified', publicKey, authority }
  const refused = refusal(question, codeOf(verdict), offered, publicKey)
  return { ...refused, reason: `${refused.reason}; its certificate is ${verdict.reason}` }
}

/**
 * Returns the host key algorithms to ask for, best first: certificates when an authority is pinned, then those of the
 * pinned keys and no others, or the target may choose to show a key that nobody pinned. Empty when nothing is pinned.
 */
export function hostKeyAlgorithms(records: readonly HostKeyRecord[]): readonly string[] {
  const keys = pinnedOf(records, 'key')
  const certified = pinnedOf(records, 'authority').length > 0
  return [
    ...(certified ? types.flatMap((type) => certificateAlgorithms(type)) : []),
    ...types
      .filter((type) => keys.some((key) => key.type === type))
      .flatMap((type) => signatureAlgorithms(type)),
  ]
}

const types: readonly PublicKeyType[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
]

/** RFC 8332 has two algorithm names for one type of RSA certificate. */
function certificateAlgorithms(type: PublicKeyType): readonly string[] {
  if (type !== 'ssh-rsa') return [certTypeOf(type)]
  return signatureAlgorithms(type).map((name) => certTypeOf(type).replace('ssh-rsa', name))
}

function readHostKey(
  bytes: Uint8Array,
): { readonly publicKey: PublicKey; readonly certificate?: Certificate } | undefined {
  try {
    const certificate = parseCertificate(bytes)
    return { publicKey: certificate.subject, certificate }
  } catch {
    try {
      return { publicKey: parsePublicKey(bytes) }
    } catch {
      return undefined
    }
  }
}

/** A certificate that has run out is a chore that nobody did; every other fault may be an impostor's. */
function codeOf({ code }: CertificateRejection): HostKeyRefusal['code'] {
  if (code === 'expired' || code === 'not-yet-valid') return 'not-in-time'
  return code === 'revoked' ? 'revoked' : 'mismatch'
}

function refusal(
  { records }: HostKeyQuestion,
  code: HostKeyRefusal['code'],
  offered: string,
  publicKey?: PublicKey,
): HostKeyRefusal {
  const keys = pinnedOf(records, 'key').map(({ blob }) => fingerprint(blob))
  const authorities = pinnedOf(records, 'authority').map(({ blob }) => fingerprint(blob))
  const expected = [...keys, ...authorities]
  const common = { kind: 'refused', expected, offered, ...(publicKey && { publicKey }) } as const
  if (expected.length === 0) {
    return { ...common, code: 'unpinned', reason: `its host key ${offered} is not pinned` }
  }
  const wanted = [...keys, ...authorities.map((each) => `the authority ${each}`)].join(' or ')
  return { ...common, code, reason: `its host key is ${offered}, pinned is ${wanted}` }
}

function revoked(offered: string): string {
  return `its host key ${offered} is revoked`
}
