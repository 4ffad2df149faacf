import { generateKeyPairSync } from 'node:crypto'
import type { Certificate } from '../certificate/index.ts'
import { publicKeyFrom } from '../publickey/index.ts'
import { createSigner } from '../vault/signer.ts'
import type { Signer } from '../vault/index.ts'
import type { Authority } from './authority.ts'
import { longestLogin } from './upstream-rules.ts'

/** A session at a target that the bastion is about to log in for. */
export interface LoginRequest {
  /** The roles that the target lets in. They come from the configuration, never from an agent. */
  readonly principals: readonly string[]
  /** The recording of the session, and who it is for: for the target's own log. */
  readonly session: string
  readonly agent: string
  readonly permits: LoginPermits
  /** Where the bastion comes from; empty when the certificate is good from anywhere. */
  readonly sourceAddresses: readonly string[]
}

export interface LoginPermits {
  readonly pty: boolean
  readonly portForwarding: boolean
  readonly agentForwarding: boolean
}

/** A key that was made for one login, with its certificate. Whoever asked for it closes the signer. */
export interface CertifiedLogin {
  readonly signer: Signer
  readonly certificate: Certificate
}

/** Seconds that `validAfter` lies back, for targets whose clock is behind. */
const skew = 30

/**
 * Returns a new Ed25519 key with a certificate of the upstream authority that is good for a minute.
 * `now` is in milliseconds since 1970. Throws what `issueUserCertificate` throws.
 */
export function certifyLogin(
  authority: Authority,
  request: LoginRequest,
  now: number,
): CertifiedLogin {
  const seconds = Math.floor(now / 1000)
  const { privateKey } = generateKeyPairSync('ed25519')
  const subject = publicKeyFrom(privateKey)
  const { principals, sourceAddresses } = request
  const certificate = authority.issueUserCertificate({
    subject,
    keyId: keyIdOf(request),
    principals,
    validAfter: seconds - skew,
    validBefore: seconds + longestLogin,
    criticalOptions: new Map(
      sourceAddresses.length === 0 ? [] : [['source-address', sourceAddresses.join(',')]],
    ),
    extensions: extensionsOf(request.permits),
  })
  return { signer: createSigner(subject, privateKey), certificate }
}

/** The permits that were granted, as extensions. */
function extensionsOf(permits: LoginPermits): ReadonlyMap<string, string> {
  const extensions = new Map<string, string>()
  if (permits.agentForwarding) extensions.set('permit-agent-forwarding', '')
  if (permits.portForwarding) extensions.set('permit-port-forwarding', '')
  if (permits.pty) extensions.set('permit-pty', '')
  return extensions
}

const longestSession = 48
const longestAgent = 128

/**
 * The target's sshd writes the key id into its log as it is. Both values are one word each, without
 * quotes or brackets, so that nobody's name can look like more of that line than a name.
 */
function keyIdOf({ session, agent }: LoginRequest): string {
  return `session=${word(session, longestSession)} agent=${word(agent, longestAgent)}`
}

function word(text: string, longest: number): string {
  const plain = text.slice(0, longest).replaceAll(/[^A-Za-z0-9._:/@+-]/g, '?')
  return plain === '' ? '?' : plain
}
