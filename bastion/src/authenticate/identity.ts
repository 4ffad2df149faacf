import type { ValidCertificate } from '@sallyport/keys/certificate'
import type { Identity } from '@sallyport/keys/identity'

/** What the certificate lets its holder ask for; an absent extension is a no (PROTOCOL.certkeys). */
export interface Permits {
  readonly pty: boolean
  readonly portForwarding: boolean
  readonly agentForwarding: boolean
  readonly x11Forwarding: boolean
}

declare const proven: unique symbol

/**
 * Who is at the other end. Only `verifyLogin` makes one, after the client's signature was verified against a valid
 * certificate: to hold this value is to know that both are true.
 */
export interface AuthenticatedIdentity {
  readonly identity: Identity
  readonly certificate: ValidCertificate
  /** The principal that was logged in as; it is one of the certificate's. */
  readonly login: string
  /** Where the client's TCP connection comes from. */
  readonly clientAddress: string
  readonly permits: Permits
  /** The only targets that the certificate is good for; undefined when it is not narrowed. */
  readonly narrowedTo: readonly string[] | undefined
  readonly [proven]: true
}

/** Whether two proven identities are one and the same subject under the same rule. */
export function sameIdentity(a: AuthenticatedIdentity, b: AuthenticatedIdentity): boolean {
  return (
    a.identity.issuer === b.identity.issuer &&
    a.identity.subject === b.identity.subject &&
    a.identity.name === b.identity.name &&
    a.identity.rule === b.identity.rule
  )
}
