import { KeysError } from '../errors.ts'
import { signCertificate } from '../certificate/index.ts'
import type { Certificate, CertificateSigner, CertificateSpec } from '../certificate/index.ts'
import type { PublicKey } from '../publickey/index.ts'
import type { AuthorityKind } from './kind.ts'
import { backdate, standardModifiers, standardValidators } from './rules.ts'
import type { IssueContext, Modifier, Validator } from './rules.ts'
import { createSerials } from './serial.ts'
import { longestLogin, upstreamValidators } from './upstream-rules.ts'

export interface AuthorityOptions {
  /** Signs with the key of the authority. Whoever opened it closes it, after the last certificate. */
  readonly signer: CertificateSigner
  readonly kind: AuthorityKind
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly random?: (size: number) => Buffer
  /** The longest life of a certificate in seconds: an hour for users, a day for hosts, a minute upstream. */
  readonly maxLife?: number
  /** Run after the standard ones, in order. */
  readonly modifiers?: readonly Modifier[]
  /** Run after the standard ones, on what all modifiers left. */
  readonly validators?: readonly Validator[]
}

/** Times in seconds since 1970; `validAfter` left out is a minute ago, for clocks that are behind. */
interface IssueRequest {
  readonly subject: PublicKey
  readonly keyId: string
  readonly validAfter?: bigint | number
  readonly validBefore: bigint | number
}

export interface UserCertificateRequest extends IssueRequest {
  readonly principals: readonly string[]
  readonly criticalOptions?: ReadonlyMap<string, string>
  readonly extensions?: ReadonlyMap<string, string>
  /** When the token ends that this rests on; the certificate ends no later. */
  readonly notAfter?: bigint | number
}

export interface HostCertificateRequest extends IssueRequest {
  readonly hostnames: readonly string[]
}

/** Signs certificates of one kind. The private key does not leave it. */
export interface Authority {
  readonly kind: AuthorityKind
  readonly publicKey: PublicKey
  /**
   * Returns a signed user certificate with a serial of its own. Throws `ERR_KEYS_AUTHORITY_REFUSED`
   * with every rule that the request breaks, `ERR_KEYS_CERTIFICATE_SPEC` for a malformed one.
   */
  issueUserCertificate(request: UserCertificateRequest): Certificate
  /** The same for a host, whose hostnames are its principals. Only the host authority has it to give. */
  issueHostCertificate(request: HostCertificateRequest): Certificate
}

const hour = 3600
const defaultMaxLife = { user: hour, host: 24 * hour, upstream: longestLogin } as const
const certified = { user: 'user', host: 'host', upstream: 'user' } as const

/** Returns the authority whose certificates are signed by `signer`. */
export function createAuthority(options: AuthorityOptions): Authority {
  const { signer, kind, now, random, maxLife = defaultMaxLife[kind] } = options
  const randomness = random === undefined ? {} : { random }
  const nextSerial = createSerials({ now, ...randomness })
  const modifiers = [...standardModifiers, ...(options.modifiers ?? [])]
  const ownValidators = kind === 'upstream' ? upstreamValidators : []
  const validators = [...standardValidators, ...ownValidators, ...(options.validators ?? [])]

  function issue(requested: CertificateSpec, context: IssueContext): Certificate {
    if (requested.type !== certified[kind]) {
      throw new TypeError(`the ${kind} authority issues no ${requested.type} certificates`)
    }
    const spec = modifiers.reduce((last, modify) => modify(last, context), requested)
    const problems = validators.flatMap((validate) => validate(spec, context) ?? [])
    if (spec.type !== certified[kind])
      problems.push(`a modifier made it a ${spec.type} certificate`)
    if (problems.length > 0) {
      throw new KeysError(
        'ERR_KEYS_AUTHORITY_REFUSED',
        `certificate not issued: ${problems.join('; ')}`,
      )
    }
    return signCertificate(spec, signer, randomness)
  }

  function contextNow(notAfter?: bigint | number): IssueContext {
    return {
      now: BigInt(Math.floor(now() / 1000)),
      maxLife: BigInt(maxLife),
      notAfter: notAfter === undefined ? undefined : wholeSeconds(notAfter),
    }
  }

  function draft(request: IssueRequest, context: IssueContext) {
    return {
      subject: request.subject,
      serial: nextSerial(),
      keyId: request.keyId,
      validAfter: wholeSeconds(request.validAfter ?? context.now - backdate),
      validBefore: wholeSeconds(request.validBefore),
    }
  }

  return {
    kind,
    publicKey: signer.publicKey,
    issueUserCertificate(request) {
      const context = contextNow(request.notAfter)
      const spec: CertificateSpec = {
        type: 'user',
        ...draft(request, context),
        validPrincipals: request.principals,
        criticalOptions: request.criticalOptions ?? new Map(),
        extensions: request.extensions ?? new Map(),
      }
      return issue(spec, context)
    },
    issueHostCertificate(request) {
      const context = contextNow()
      const spec: CertificateSpec = {
        type: 'host',
        ...draft(request, context),
        validPrincipals: request.hostnames,
      }
      return issue(spec, context)
    },
  }
}

function wholeSeconds(seconds: bigint | number): bigint {
  return typeof seconds === 'bigint' ? seconds : BigInt(Math.floor(seconds))
}
