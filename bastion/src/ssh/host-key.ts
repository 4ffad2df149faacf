import type { Certificate } from '@sallyport/keys/certificate'
import type { Signer } from '@sallyport/keys/vault'
import { createReader } from '@sallyport/keys/wire'
import type { HostKeySigner, Protocol } from './internals.ts'

/** The bastion's own ed25519 host key; the private part stays in the vault's signer. */
export type HostKey = Pick<Signer, 'publicKey' | 'sign'>

/**
 * Returns the server's keys by algorithm name: the host certificate first, then the plain key for clients that know no
 * certificates. `protocol` is called back at signing time.
 */
export function hostKeySigners(
  key: HostKey,
  certificate: Certificate,
  protocol: () => Protocol,
): Readonly<Record<string, HostKeySigner>> {
  const signData = (data: Buffer): Buffer => bareSignature(key.sign(data))
  const plain: HostKeySigner = {
    type: key.publicKey.type,
    getPublicSSH: () => key.publicKey.blob,
    sign: signData,
  }
  const certified: HostKeySigner = {
    type: certificate.certType,
    getPublicSSH: () => certificate.blob,
    sign: (data) => {
      // PROTOCOL.certkeys: the signature names the plain algorithm. ssh2 takes the name from the negotiated one.
      protocol()._kex.negotiated.serverHostKey = key.publicKey.type
      return signData(data)
    },
  }
  return { [certificate.certType]: certified, [key.publicKey.type]: plain }
}

/** ssh2 writes the algorithm's name around the signature itself. */
function bareSignature(signatureBlob: Buffer): Buffer {
  const reader = createReader(signatureBlob)
  reader.string()
  return reader.string()
}
