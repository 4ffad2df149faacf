import type { Authority } from '@sallyport/keys/authority'
import { formatCertificateLine, type Certificate } from '@sallyport/keys/certificate'
import { encodeIdentity, resolveIdentity } from '@sallyport/keys/identity'
import type {
  Identity,
  IdentityRule,
  IdTokenVerifier,
  VerifiedIdToken,
} from '@sallyport/keys/identity'
import {
  fingerprint,
  parsePublicKeyLine,
  verifySshsig,
  type PublicKey,
} from '@sallyport/keys/publickey'
import type { Audit } from '../audit/audit.ts'
import { IDENTITY_EXTENSION, TARGETS_EXTENSION } from '../authenticate/verify-login.ts'
import type { Revocable } from '../revoke/index.ts'
import type { Targets } from '../route/target.ts'
import {
  error,
  parseExchangeRequest,
  type ExchangeError,
  type ExchangeRequest,
} from './exchange-request.ts'

export interface Issued {
  readonly kind: 'issued'
  readonly certificate: Certificate
  /** The line that goes into `id_ed25519-cert.pub`. */
  readonly line: string
  /** Seconds from now. */
  readonly expiresIn: number
}

export interface ExchangeOptions {
  readonly verifier: IdTokenVerifier
  readonly rules: readonly IdentityRule[]
  readonly authority: Authority
  readonly targets: Targets
  /** Extensions beside the identity, by rule id. */
  readonly permits: (rule: string) => readonly string[]
  /** The namespace that an `ssh_proof` must be signed for. */
  readonly proofNamespace: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly audit: Audit
  /** Returns the sentence by which somebody is refused who is revoked. */
  readonly revoked: (who: Revocable) => string | undefined
}

export interface Exchange {
  /** Trades an ID token for a certificate; `clientAddress` is for the audit log. */
  exchange(form: unknown, clientAddress: string): Promise<Issued | ExchangeError>
  /** Writes down a request that was refused before it could be read. */
  refused(refusal: ExchangeError, clientAddress: string): void
}

/** Returns the exchange of ID tokens for SSH certificates that live minutes. */
export function createExchange(options: ExchangeOptions): Exchange {
  const { audit } = options
  return {
    refused({ error: code, description }, clientAddress) {
      audit.write('issue.refused', { clientAddress, error: code, reason: description })
    },
    async exchange(form, clientAddress) {
      const outcome = await trade(form, options)
      if (outcome.kind === 'error') {
        const { error: code, description, detail } = outcome
        audit.write('issue.refused', { clientAddress, error: code, reason: description, ...detail })
        return outcome
      }
      const { certificate, identity, idToken, key } = outcome
      audit.write('issue.issued', {
        clientAddress,
        identity: identity.name,
        issuer: identity.issuer,
        subject: identity.subject,
        rule: identity.rule,
        principals: certificate.validPrincipals,
        serial: certificate.serial,
        keyId: certificate.keyId,
        key: fingerprint(key.blob),
        tokenHash: idToken.tokenHash,
        validBefore: new Date(Number(certificate.validBefore) * 1000).toISOString(),
      })
      const expiresIn = Number(certificate.validBefore) - Math.floor(options.now() / 1000)
      return { kind: 'issued', certificate, line: formatCertificateLine(certificate), expiresIn }
    },
  }
}

interface Traded {
  readonly kind: 'traded'
  readonly certificate: Certificate
  readonly identity: Identity
  readonly idToken: VerifiedIdToken
  readonly key: PublicKey
}

/** What only the audit log may say of a refusal. */
type Refusal = ExchangeError & { readonly detail?: Readonly<Record<string, unknown>> }

async function trade(form: unknown, options: ExchangeOptions): Promise<Traded | Refusal> {
  const request = parseExchangeRequest(form)
  if ('kind' in request) return request
  const key = publicKey(request)
  if ('kind' in key) return key
  const proof = checkProof(request, key, options)
  if (proof !== undefined) return proof
  const absent = request.resources.map((name) => options.targets.byName(name)).find(isRefused)
  if (absent !== undefined) return error('invalid_target', absent.message)
  const verified = await options.verifier.verify(request.idToken, fingerprint(key.blob))
  if (verified.kind === 'rejected') {
    const { code, reason } = verified
    if (code === 'unavailable')
      return { ...error('temporarily_unavailable', reason, 503), detail: { code } }
    return { ...error('invalid_request', reason), detail: { code } }
  }
  const { idToken } = verified
  const resolved = resolveIdentity(options.rules, idToken)
  if (resolved.kind === 'rejected') {
    const { code, reason, rules } = resolved
    return {
      ...error('invalid_request', reason),
      detail: { code, rules, subject: idToken.subject },
    }
  }
  const { identity, rule } = resolved
  const { name, issuer, subject } = identity
  const who = { key: fingerprint(key.blob), identity: name, issuer, subject }
  const revocation = options.revoked(who)
  if (revocation !== undefined) return { ...error('access_denied', revocation, 403), detail: who }
  const principals = request.scope ?? identity.principals
  const beyond = principals.find((principal) => !identity.principals.includes(principal))
  if (principals.length === 0 || beyond !== undefined) {
    return error('invalid_scope', `scope may hold: ${identity.principals.join(' ')}`)
  }
  const certificate = issue(options, { key, identity, rule, idToken, principals, request })
  return { kind: 'traded', certificate, identity, idToken, key }
}

interface Grant {
  readonly key: PublicKey
  readonly identity: Identity
  readonly rule: IdentityRule
  readonly idToken: VerifiedIdToken
  readonly principals: readonly string[]
  readonly request: ExchangeRequest
}

function issue(options: ExchangeOptions, grant: Grant): Certificate {
  const { key, identity, rule, idToken, principals, request } = grant
  const now = Math.floor(options.now() / 1000)
  const life = Math.min(request.validFor ?? identity.maxLife, identity.maxLife)
  const extensions = new Map([
    [IDENTITY_EXTENSION, encodeIdentity({ ...identity, principals })],
    ...options.permits(rule.id).map((permit): [string, string] => [permit, '']),
  ])
  // Targets are found in any case; the route compares their own names.
  const targets = request.resources.map((name) => name.toLowerCase())
  if (targets.length > 0) extensions.set(TARGETS_EXTENSION, targets.join(','))
  const criticalOptions = new Map(
    rule.sourceAddress === undefined ? [] : [['source-address', rule.sourceAddress.join(',')]],
  )
  return options.authority.issueUserCertificate({
    subject: key,
    keyId: keyId(identity, idToken),
    principals,
    validBefore: now + life,
    notAfter: idToken.expiresAt,
    criticalOptions,
    extensions,
  })
}

/** Text for logs, ours and the target's; never for a decision. */
function keyId({ rule, issuer, name }: Identity, { tokenId }: VerifiedIdToken): string {
  const jti = tokenId === undefined ? '' : ` jti=${tokenId.slice(0, 16)}`
  return `${rule}/${issuer}:${name}${jti}`.replaceAll(/[^ -~]/g, '?').slice(0, 200)
}

function publicKey(request: ExchangeRequest): PublicKey | Refusal {
  try {
    return parsePublicKeyLine(request.sshPublicKey.trim())
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    return error('invalid_request', `ssh_public_key: ${reason}`)
  }
}

function checkProof(
  { sshProof, idToken }: ExchangeRequest,
  key: PublicKey,
  { proofNamespace }: ExchangeOptions,
): Refusal | undefined {
  if (sshProof === undefined) return undefined
  const proved = verifySshsig({
    armored: sshProof,
    message: Buffer.from(idToken),
    namespace: proofNamespace,
    publicKey: key,
  })
  return proved
    ? undefined
    : error(
        'invalid_request',
        `ssh_proof is not a signature of subject_token by ssh_public_key for ${proofNamespace}`,
      )
}

function isRefused<T extends { kind: string }>(verdict: T): verdict is T & { kind: 'refused' } {
  return verdict.kind === 'refused'
}
