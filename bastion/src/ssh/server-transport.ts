import type { Authority } from '@sallyport/keys/authority'
import type { Certificate } from '@sallyport/keys/certificate'
import { algorithmOffer, DEFAULT_ALGORITHMS } from './algorithms.ts'
import { hostKeySigners, type HostKey } from './host-key.ts'
import type { Link } from './link.ts'
import { Transport } from './transport.ts'

export interface ServerTransportOptions {
  readonly hostKey: HostKey
  readonly authority: Authority
  /** The bastion's own host names. */
  readonly names: readonly string[]
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Seconds that a host certificate lives, and after which a new one is made. */
const LIFE = 3600
const FRESH = 1800

/**
 * Returns what makes server transports. Each shows a short-lived certificate for the name that the client asked for: a
 * target's on the inner hop, the bastion's own on the outer. One `@cert-authority` line makes clients trust them all.
 */
export function createServerTransports(
  options: ServerTransportOptions,
): (link: Link, name?: string) => Transport {
  const { hostKey, authority, names, now } = options
  const made = new Map<string, { readonly certificate: Certificate; readonly at: number }>()

  const certificateFor = (name: string | undefined): Certificate => {
    const key = name ?? ''
    const at = Math.floor(now() / 1000)
    const known = made.get(key)
    const fresh = known !== undefined && at - known.at < FRESH
    // The authority may have a new key since.
    if (fresh && known.certificate.signatureKey.blob.equals(authority.publicKey.blob)) {
      return known.certificate
    }
    const certificate = authority.issueHostCertificate({
      subject: hostKey.publicKey,
      keyId: name === undefined ? 'sallyport' : `sallyport for ${name}`,
      hostnames: name === undefined ? names : [name],
      validBefore: at + LIFE,
    })
    made.set(key, { certificate, at })
    return certificate
  }

  return (link, name) => {
    const certificate = certificateFor(name)
    return new Transport({
      link,
      role: {
        kind: 'server',
        hostKeys: (protocol) => hostKeySigners(hostKey, certificate, protocol),
      },
      offer: algorithmOffer(DEFAULT_ALGORITHMS, [certificate.certType, hostKey.publicKey.type]),
    })
  }
}
