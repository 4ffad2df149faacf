import { parsePublicKey, type PublicKey } from '@sallyport/keys/publickey'
import { algorithmOffer, DEFAULT_ALGORITHMS } from '../ssh/algorithms.ts'
import { connectLink } from '../ssh/link.ts'
import { handshake, Transport } from '../ssh/transport.ts'
import { connected } from './upstream.ts'

export interface ScanOptions {
  readonly target: { readonly name: string; readonly address: string; readonly port: number }
  /** Milliseconds for each of the connections. */
  readonly timeout: number
}

/** Host key algorithms that belong to one key each, or to none that the target has. */
const ALGORITHMS: readonly (readonly string[])[] = [
  ['ssh-ed25519'],
  ['ecdsa-sha2-nistp256'],
  ['ecdsa-sha2-nistp384'],
  ['ecdsa-sha2-nistp521'],
  ['rsa-sha2-512', 'rsa-sha2-256'],
]

/**
 * Returns the host keys that a target proves to hold, by one key exchange for each type; there is no login. Whether it
 * is the right target nobody knows from that. Throws ERR_BASTION_UPSTREAM when it cannot be reached.
 */
export async function scanHostKeys(options: ScanOptions): Promise<readonly PublicKey[]> {
  const keys: PublicKey[] = []
  for (const algorithms of ALGORITHMS) {
    const key = await scanOne(options, algorithms)
    if (key !== undefined) keys.push(key)
  }
  return keys
}

async function scanOne(
  { target, timeout }: ScanOptions,
  algorithms: readonly string[],
): Promise<PublicKey | undefined> {
  const { link, socket } = connectLink(target.address, target.port)
  const timer = setTimeout(() => socket.destroy(), timeout)
  let shown: Buffer | undefined
  try {
    await connected(socket, target.name)
    const transport = new Transport({
      link,
      role: {
        kind: 'client',
        verifyHostKey: (hostKey) => {
          shown = Buffer.from(hostKey)
          return true
        },
      },
      offer: algorithmOffer(DEFAULT_ALGORITHMS, algorithms),
    })
    try {
      await handshake(transport)
      return shown && parsePublicKey(shown)
    } catch {
      // It has no key of this type, or none that we would accept.
      return undefined
    } finally {
      transport.close('only its host key was asked for')
    }
  } finally {
    clearTimeout(timer)
    socket.destroy()
  }
}
