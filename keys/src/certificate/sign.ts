import { randomBytes } from 'node:crypto'
import { KeysError } from '../errors.ts'
import { verifySignature } from '../publickey/index.ts'
import type { PublicKey } from '../publickey/index.ts'
import { createReader } from '../wire/reader.ts'
import { createWriter } from '../wire/writer.ts'
import { certTypeOf, mostPrincipals } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { isPrincipal } from './names.ts'
import { optionProblem, writeOptions } from './options.ts'
import { parseCertificate } from './parse.ts'
import { parseSourceAddresses } from './source-address.ts'

/** What is to be certified, in typed values: no part of a certificate is made from a template. */
export interface CertificateSpec {
  readonly type: 'user' | 'host'
  readonly subject: PublicKey
  readonly serial: bigint
  readonly keyId: string
  readonly validPrincipals: readonly string[]
  /** Seconds since 1970. */
  readonly validAfter: bigint
  readonly validBefore: bigint
  readonly criticalOptions?: ReadonlyMap<string, string>
  readonly extensions?: ReadonlyMap<string, string>
}

/** Holds an authority's private key, or knows who does. */
export interface CertificateSigner {
  readonly publicKey: PublicKey
  /** Returns a whole signature blob over `data`. */
  sign(data: Buffer): Buffer
}

export interface SignCertificateOptions {
  readonly random?: (size: number) => Buffer
}

const latest = 2n ** 64n

/**
 * Returns a certificate for `spec`, signed by `signer`. It has been read back and its signature
 * verified. Throws `ERR_KEYS_CERTIFICATE_SPEC` with every problem found in `spec`, or when the
 * signer returned something else than its signature.
 */
export function signCertificate(
  spec: CertificateSpec,
  signer: CertificateSigner,
  { random = randomBytes }: SignCertificateOptions = {},
): Certificate {
  const problems = specProblems(spec)
  if (problems.length > 0) throw refused(problems.join('; '))
  const signedBytes = encodeSigned(spec, signer.publicKey, random(32))
  const signature = signer.sign(signedBytes)
  if (
    !verifySignature({ publicKey: signer.publicKey, data: signedBytes, signatureBlob: signature })
  ) {
    throw refused('the signer returned a signature that its own public key does not verify')
  }
  return parseCertificate(createWriter().raw(signedBytes).string(signature).bytes())
}

/** Returns all that is wrong with a spec, in words; empty when it may be signed. */
export function specProblems(spec: CertificateSpec): readonly string[] {
  const critical = spec.criticalOptions ?? new Map<string, string>()
  const extensions = spec.extensions ?? new Map<string, string>()
  return [
    ...principalProblems(spec),
    ...timeProblems(spec),
    ...(spec.serial < 0n || spec.serial >= latest
      ? ['serial is not an unsigned 64-bit number']
      : []),
    ...(/^[ -~]{1,200}$/.test(spec.keyId)
      ? []
      : ['key id is not 1 to 200 printable ASCII characters']),
    ...optionProblems(critical),
    ...optionProblems(extensions),
    ...sourceAddressProblems(critical),
  ]
}

function principalProblems({ type, validPrincipals }: CertificateSpec): string[] {
  const problems = validPrincipals
    .filter((name) => !isPrincipal(name, type))
    .map((name) => `${JSON.stringify(name.slice(0, 64))} cannot be a principal of a ${type}`)
  if (validPrincipals.length === 0) problems.push('no principals: OpenSSH would read that as any')
  if (validPrincipals.length > mostPrincipals)
    problems.push(`more than ${mostPrincipals} principals`)
  return problems
}

function timeProblems({ validAfter, validBefore }: CertificateSpec): string[] {
  if (validAfter < 0n || validBefore >= latest)
    return ['validity is not in unsigned 64-bit seconds']
  return validAfter < validBefore ? [] : ['validAfter is not before validBefore']
}

function optionProblems(options: ReadonlyMap<string, string>): string[] {
  return [...options].flatMap(([name, value]) => {
    const problem = optionProblem(name, value)
    if (problem !== undefined) return [problem]
    return /\p{Cc}/u.test(value) || !value.isWellFormed()
      ? [`value of option ${name} has control characters or is not Unicode`]
      : []
  })
}

function sourceAddressProblems(critical: ReadonlyMap<string, string>): string[] {
  const list = critical.get('source-address')
  if (list === undefined || parseSourceAddresses(list) !== undefined) return []
  return ['source-address is not a list of addresses and CIDR blocks']
}

/** The fields of PROTOCOL.certkeys up to the signature; `parseCertificate` shows them in order. */
function encodeSigned(spec: CertificateSpec, authority: PublicKey, nonce: Buffer): Buffer {
  const principals = createWriter()
  for (const name of spec.validPrincipals) principals.string(name)
  return createWriter()
    .string(certTypeOf(spec.subject.type))
    .string(nonce)
    .raw(withoutType(spec.subject))
    .u64(spec.serial)
    .u32(spec.type === 'user' ? 1 : 2)
    .string(spec.keyId)
    .string(principals.bytes())
    .u64(spec.validAfter)
    .u64(spec.validBefore)
    .string(writeOptions(spec.criticalOptions ?? new Map()))
    .string(writeOptions(spec.extensions ?? new Map()))
    .string('')
    .string(authority.blob)
    .bytes()
}

function withoutType(key: PublicKey): Buffer {
  const reader = createReader(key.blob)
  reader.string()
  return reader.rest()
}

function refused(message: string): KeysError {
  return new KeysError('ERR_KEYS_CERTIFICATE_SPEC', `certificate not signed: ${message}`)
}
