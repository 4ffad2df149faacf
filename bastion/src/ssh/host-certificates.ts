import { parseCertificate, signatureAlgorithmOf } from '@sallyport/keys/certificate'
import type { Protocol } from './internals.ts'

const SUFFIX = '-cert-v01@openssh.com'

/**
 * Has the client side of a transport verify a server that shows a host certificate, when its algorithms ask for one:
 * ssh2 knows no certificate types. Who signed the certificate is for the host verifier to see.
 */
export function expectCertificates(protocol: Protocol, algorithms: readonly string[]): void {
  if (!algorithms.some((name) => name.endsWith(SUFFIX))) return
  const isTrusted = protocol._hostVerifier
  let exchange = protocol._kex
  let algorithm = ''
  // ssh2 sets a new one for each key exchange, when the algorithms are agreed on.
  Object.defineProperty(protocol, '_kex', {
    get: () => exchange,
    set: (next: Protocol['_kex']) => {
      exchange = next
      algorithm = next.negotiated.serverHostKey
      // RFC 8332: RSA certificates have one type and two algorithms; ssh2 compares the algorithm with the type.
      if (!algorithm.startsWith('rsa-') || !algorithm.endsWith(SUFFIX)) return
      next.negotiated.serverHostKey = `ssh-rsa${SUFFIX}`
    },
  })
  protocol._hostVerifier = (hostKey) => {
    if (isTrusted?.(hostKey) !== true) return false
    return !algorithm.endsWith(SUFFIX) || verifyAsPlain(exchange, algorithm, hostKey)
  }
}

/** Has the rest of the exchange go by the certified key; false when the certificate is not of the agreed algorithm. */
function verifyAsPlain(exchange: Protocol['_kex'], algorithm: string, hostKey: Buffer): boolean {
  try {
    const certificate = parseCertificate(hostKey)
    const plain = signatureAlgorithmOf(certificate, algorithm)
    if (plain !== undefined) signedByPlainKey(exchange, plain, certificate.subject.blob)
    return plain !== undefined
  } catch {
    return false
  }
}

/**
 * PROTOCOL.certkeys: the exchange hash covers the certificate, the signature is of its key and names the plain
 * algorithm. ssh2 reads the signature after it has hashed the one and before it verifies with the other.
 */
function signedByPlainKey(exchange: Protocol['_kex'], algorithm: string, key: Buffer): void {
  exchange.negotiated.serverHostKey = algorithm
  let signature = exchange._sig
  Object.defineProperty(exchange, '_sig', {
    get() {
      exchange._hostKey = key
      return signature
    },
    set(next: Buffer | undefined) {
      signature = next
    },
  })
}
