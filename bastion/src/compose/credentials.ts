import { certifyLogin, type Authority, type CertifiedLogin } from '@sallyport/keys/authority'
import type { LoginPermits } from '@sallyport/keys/authority'
import type { Certificate } from '@sallyport/keys/certificate'
import { fingerprint } from '@sallyport/keys/publickey'
import type { Signer } from '@sallyport/keys/vault'
import type { Audit } from '../audit/audit.ts'
import type { Config } from '../config/config.ts'
import type { CertificateLogin, Route } from '../route/target.ts'
import { UpstreamError } from '../route/upstream-error.ts'
import type { Keys } from './keys.ts'

/** What a login at a target is made with. Whoever asked for it closes the signer. */
export interface Credential {
  readonly signer: Signer
  readonly certificate?: Certificate
}

/** What a login is for, as the target and the audit log shall know it. */
export interface LoginPurpose {
  readonly session: string
  readonly agent: string
  readonly permits: LoginPermits
  readonly connectionId?: string
  /** Signs the certificate; the active upstream authority unless told. */
  readonly authority?: Authority
}

export interface CredentialsOptions {
  readonly config: Config
  readonly keys: Keys
  readonly audit: Audit
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** The bastion logs in for itself: a certificate for that permits nothing but to run a command. */
export const OWN_ERRAND: LoginPurpose = {
  session: 'none',
  agent: 'sallyport',
  permits: { pty: false, portForwarding: false, agentForwarding: false },
}

/** Has the credential for a route; of a key in the vault, the active version unless told. */
export type CredentialFor = (
  route: Route,
  purpose: LoginPurpose,
  version?: number,
) => Promise<Credential>

/**
 * Returns what has credentials: a key of the vault, or a new key with a certificate that is good for a minute. It throws
 * an UpstreamError, with a sentence for the agent, when there is none to be had.
 */
export function createCredentials(options: CredentialsOptions): CredentialFor {
  const { config, keys, audit, now } = options
  const sourceAddresses = config.ssh.upstreamAddress ?? []

  const certify = (
    { target, login }: Route & { readonly login: CertificateLogin },
    purpose: LoginPurpose,
  ): CertifiedLogin => {
    const { session, agent, permits, connectionId } = purpose
    const authority = purpose.authority ?? keys.authorities.upstream
    const { principals } = login.certificate
    const request = { principals, session, agent, permits, sourceAddresses }
    const certified = certifyLogin(authority, request, now())
    const { certificate } = certified
    audit.write('upstream.certified', {
      connectionId,
      target: target.name,
      login: login.login,
      principals,
      permits: [...certificate.extensions.keys()],
      keyId: certificate.keyId,
      serial: certificate.serial,
      authority: fingerprint(authority.publicKey.blob),
      validBefore: new Date(Number(certificate.validBefore) * 1000).toISOString(),
    })
    return certified
  }

  return async (route, purpose, version) => {
    const { target, login } = route
    try {
      if ('key' in login) return { signer: await keys.vault.signer(login.key, version) }
      return certify({ target, login }, purpose)
    } catch (error) {
      const wanted =
        'key' in login ? `its key ${login.key} is not to be had` : 'it got no certificate'
      const text = `target ${target.name} cannot be logged in to: ${wanted}`
      throw new UpstreamError('unreachable', text, error)
    }
  }
}
