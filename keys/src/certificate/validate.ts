import type { PublicKey } from '../publickey/index.ts'
import { fingerprint, verifySignature } from '../publickey/index.ts'
import { quoted } from '../wire/quoted.ts'
import type { Certificate } from './certificate.ts'
import { isPrincipal } from './names.ts'
import { isAddressIn, parseSourceAddresses } from './source-address.ts'

declare const validated: unique symbol

/**
 * A certificate that was valid when it was looked at: signed by a trusted authority, of the asked
 * type, in its time, for the asked principal, with every critical option honoured. Only
 * `validateCertificate` makes one. That its owner holds the private key is still to be verified.
 */
export type ValidCertificate = Certificate & { readonly [validated]: true }

export interface CertificateExpectations {
  /** The authorities that are trusted, as keys or as key blobs. Compared byte for byte. */
  readonly authorities: readonly (PublicKey | Uint8Array)[]
  readonly type: 'user' | 'host'
  /** Left out, any principal will do, but there must be one. */
  readonly principal?: string
  /** Seconds since 1970. */
  readonly now: bigint | number
  /** Where the peer comes from. Left out, a certificate with source-address is rejected. */
  readonly sourceAddress?: string
  /** Critical options of user certificates that the caller itself enforces. */
  readonly knownCriticalOptions?: readonly string[]
  /** The longest life, in seconds, that a certificate may have been issued for. */
  readonly maxLife?: bigint | number
  readonly isRevoked?: (certificate: Certificate) => boolean
}

export type CertificateRejectionCode =
  | 'wrong-type'
  | 'untrusted-authority'
  | 'bad-signature'
  | 'revoked'
  | 'not-yet-valid'
  | 'expired'
  | 'life-too-long'
  | 'empty-principals'
  | 'malformed-principal'
  | 'wrong-principal'
  | 'force-command'
  | 'unknown-critical-option'
  | 'source-address'

export interface CertificateRejection {
  readonly kind: 'rejected'
  readonly code: CertificateRejectionCode
  readonly reason: string
}

export type CertificateValidation =
  { readonly kind: 'valid'; readonly certificate: ValidCertificate } | CertificateRejection

type Outcome = CertificateRejection | undefined
type Check = (certificate: Certificate, expected: CertificateExpectations) => Outcome

/** Who signed comes first: nothing else in a certificate means anything before that is known. */
const checks: readonly Check[] = [
  checkType,
  checkAuthority,
  checkSignature,
  checkRevocation,
  checkTime,
  checkLife,
  checkPrincipals,
  checkCriticalOptions,
  checkSourceAddress,
]

/**
 * Returns the certificate as valid, or the first reason why it is not. Extensions that are not
 * known here are left alone, as PROTOCOL.certkeys asks; whoever grants what they permit reads them.
 */
export function validateCertificate(
  certificate: Certificate,
  expected: CertificateExpectations,
): CertificateValidation {
  for (const check of checks) {
    const rejection = check(certificate, expected)
    if (rejection !== undefined) return rejection
  }
  return { kind: 'valid', certificate: certificate as ValidCertificate }
}

function checkType({ type }: Certificate, expected: CertificateExpectations): Outcome {
  if (type === expected.type) return undefined
  return reject('wrong-type', `a ${type} certificate, expected a ${expected.type} certificate`)
}

function checkAuthority({ signatureKey }: Certificate, expected: CertificateExpectations): Outcome {
  const blobs = expected.authorities.map((key) => (key instanceof Uint8Array ? key : key.blob))
  if (blobs.some((blob) => signatureKey.blob.equals(blob))) return undefined
  const signedBy = fingerprint(signatureKey.blob)
  return reject('untrusted-authority', `signed by ${signedBy}, which is no trusted authority`)
}

function checkSignature(certificate: Certificate): Outcome {
  const { signatureKey: publicKey, signedBytes: data, signature: signatureBlob } = certificate
  if (verifySignature({ publicKey, data, signatureBlob })) return undefined
  return reject('bad-signature', 'the signature of the authority does not verify')
}

function checkRevocation(certificate: Certificate, expected: CertificateExpectations): Outcome {
  if (expected.isRevoked?.(certificate) !== true) return undefined
  return reject('revoked', `the certificate with serial ${certificate.serial} is revoked`)
}

function checkTime(certificate: Certificate, expected: CertificateExpectations): Outcome {
  const now = wholeSeconds(expected.now)
  if (now < certificate.validAfter) {
    return reject('not-yet-valid', `valid from ${certificate.validAfter}, it is ${now}`)
  }
  if (now >= certificate.validBefore) {
    return reject('expired', `valid before ${certificate.validBefore}, it is ${now}`)
  }
  return undefined
}

function checkLife(certificate: Certificate, expected: CertificateExpectations): Outcome {
  if (expected.maxLife === undefined) return undefined
  const life = certificate.validBefore - certificate.validAfter
  if (life <= wholeSeconds(expected.maxLife)) return undefined
  return reject('life-too-long', `issued for ${life} s, at most ${expected.maxLife} s are accepted`)
}

function checkPrincipals(certificate: Certificate, expected: CertificateExpectations): Outcome {
  const { validPrincipals: principals, type } = certificate
  // By its specification an empty list means any principal; nobody is let in by omission.
  if (principals.length === 0) return reject('empty-principals', 'no principals are listed')
  if (!principals.every((name) => isPrincipal(name, type))) {
    return reject('malformed-principal', 'a listed principal has characters that are not accepted')
  }
  const { principal } = expected
  if (principal === undefined || principals.includes(principal)) return undefined
  const some = principals.slice(0, 8).join(' ')
  return reject('wrong-principal', `valid for ${some}, not for ${quoted(principal)}`)
}

function checkCriticalOptions(
  certificate: Certificate,
  expected: CertificateExpectations,
): Outcome {
  const known = ['source-address', ...(expected.knownCriticalOptions ?? [])]
  // PROTOCOL.certkeys defines no critical option for host certificates, so there all are unknown.
  const honoured = certificate.type === 'user' ? known : []
  for (const name of certificate.criticalOptions.keys()) {
    if (honoured.includes(name)) continue
    return name === 'force-command'
      ? reject('force-command', 'force-command is not supported')
      : reject('unknown-critical-option', `critical option ${name} is not supported`)
  }
  return undefined
}

function checkSourceAddress(certificate: Certificate, expected: CertificateExpectations): Outcome {
  const list = certificate.criticalOptions.get('source-address')
  if (list === undefined) return undefined
  const blocks = parseSourceAddresses(list)
  if (blocks === undefined)
    return reject('source-address', 'the list in source-address is malformed')
  const { sourceAddress } = expected
  if (sourceAddress === undefined) {
    return reject('source-address', 'bound to source addresses, and that of the peer is not known')
  }
  if (isAddressIn(sourceAddress, blocks)) return undefined
  return reject('source-address', `not valid from ${quoted(sourceAddress)}`)
}

function reject(code: CertificateRejectionCode, reason: string): CertificateRejection {
  return { kind: 'rejected', code, reason }
}

function wholeSeconds(seconds: bigint | number): bigint {
  return typeof seconds === 'bigint' ? seconds : BigInt(Math.floor(seconds))
}
