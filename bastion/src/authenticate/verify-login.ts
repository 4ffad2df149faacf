import {
  parseCertificate,
  signatureAlgorithmOf,
  validateCertificate,
} from '@sallyport/keys/certificate'
import type { Certificate, ValidCertificate } from '@sallyport/keys/certificate'
import { decodeIdentity, type Identity } from '@sallyport/keys/identity'
import { fingerprint, verifySignature, type PublicKey } from '@sallyport/keys/publickey'
import type { Revocable } from '../revoke/index.ts'
import type { AuthenticatedIdentity, Permits } from './identity.ts'
import type { PublicKeyRequest } from './userauth-request.ts'

/** The certificate extension that carries the identity; our user CA has signed it with the rest. */
export const IDENTITY_EXTENSION = 'identity@sallyport'
/** Names of the only targets that the certificate is good for, with commas; absent when it is not narrowed. */
export const TARGETS_EXTENSION = 'targets@sallyport'

export type LoginVerdict =
  | { readonly kind: 'authenticated'; readonly authenticated: AuthenticatedIdentity }
  | { readonly kind: 'rejected'; readonly code: string; readonly reason: string }

export interface LoginContext {
  readonly request: PublicKeyRequest
  /** The part of the user name that must be a principal: `deploy` in `deploy%web-1`. */
  readonly login: string
  readonly clientAddress: string
  readonly authorities: readonly PublicKey[]
  /** Seconds since the epoch. */
  readonly now: number
  /** Returns the sentence by which somebody is refused who is revoked. */
  readonly revoked: (who: Revocable) => string | undefined
}

const CERTIFICATE_SUFFIX = '-cert-v01@openssh.com'

/**
 * Decides on one signed publickey request: the certificate (authority, its signature, type, validity, principal, every
 * critical option), the client's own signature over this session, and the identity that the authority put in. The order
 * matters: nothing of the certificate is believed before its authority's signature was verified, and nobody is anybody
 * before the client's was.
 */
export function verifyLogin(context: LoginContext): LoginVerdict {
  const { request, login } = context
  if (request.signature === undefined) return rejected('no-signature', 'the request is not signed')
  const parsed = parse(request)
  if ('reason' in parsed) return parsed
  const { certificate, algorithm } = parsed
  const validity = validateCertificate(certificate, {
    authorities: context.authorities,
    type: 'user',
    principal: login,
    now: context.now,
    sourceAddress: context.clientAddress,
  })
  if (validity.kind === 'rejected') return rejected(validity.code, validity.reason)
  const proof = verifySignature({
    publicKey: certificate.subject,
    data: request.signature.signedData,
    signatureBlob: request.signature.blob,
    algorithm,
  })
  if (!proof)
    return rejected('bad-client-signature', 'the signature is not by the key of the certificate')
  const carried = validity.certificate.extensions.get(IDENTITY_EXTENSION)
  if (carried === undefined) {
    return rejected(
      'no-identity',
      'the certificate carries no identity; it was not issued by the exchange',
    )
  }
  try {
    const identity = decodeIdentity(carried)
    const authenticated = prove(context, validity.certificate, identity)
    const revocation = context.revoked(revocable(authenticated))
    if (revocation !== undefined) return rejected('revoked', revocation)
    return { kind: 'authenticated', authenticated }
  } catch (error) {
    return rejected('no-identity', error instanceof Error ? error.message : String(error))
  }
}

/** Returns what of a login can be revoked. */
export function revocable({ certificate, identity }: AuthenticatedIdentity): Revocable {
  const { name, issuer, subject } = identity
  const key = fingerprint(certificate.subject.blob)
  return { serial: certificate.serial, key, identity: name, issuer, subject }
}

function parse(
  request: PublicKeyRequest,
): { certificate: Certificate; algorithm: string } | (LoginVerdict & { kind: 'rejected' }) {
  if (!request.algorithm.endsWith(CERTIFICATE_SUFFIX)) {
    return rejected('plain-key', 'a plain key was offered; get a certificate first')
  }
  let certificate: Certificate
  try {
    certificate = parseCertificate(request.blob)
  } catch (error) {
    return rejected('malformed-certificate', error instanceof Error ? error.message : String(error))
  }
  const algorithm = signatureAlgorithmOf(certificate, request.algorithm)
  if (algorithm === undefined) {
    const reason = `${request.algorithm} does not go with a ${certificate.certType} certificate`
    return rejected('algorithm', reason)
  }
  return { certificate, algorithm }
}

function prove(
  { login, clientAddress }: LoginContext,
  certificate: ValidCertificate,
  identity: Identity,
): AuthenticatedIdentity {
  const permits: Permits = {
    pty: certificate.extensions.has('permit-pty'),
    portForwarding: certificate.extensions.has('permit-port-forwarding'),
    agentForwarding: certificate.extensions.has('permit-agent-forwarding'),
    x11Forwarding: certificate.extensions.has('permit-X11-forwarding'),
  }
  // The brand exists in the type alone; this is the one place that grants it.
  const narrowedTo = certificate.extensions.get(TARGETS_EXTENSION)?.split(',')
  const fields = { identity, certificate, login, clientAddress, permits, narrowedTo }
  return fields as AuthenticatedIdentity
}

function rejected(code: string, reason: string): LoginVerdict & { kind: 'rejected' } {
  return { kind: 'rejected', code, reason }
}
