import { fingerprint } from '../publickey/index.ts'
import type { PublicKey, PublicKeyType } from '../publickey/index.ts'
import { coversHost, knownHostName } from './host-pattern.ts'
import type { HostAddress } from './host-pattern.ts'
import type { KnownHostsEntry } from './known-hosts.ts'

export type HostKeyCheck =
  | { readonly kind: 'pinned' }
  | { readonly kind: 'mismatch'; readonly expected: readonly string[]; readonly offered: string }
  | { readonly kind: 'unpinned'; readonly offered: string }
  | { readonly kind: 'revoked'; readonly offered: string }

/** What targets must prove to be. Nothing is ever learned from a connection. */
export interface HostKeyPins {
  /**
   * Returns `pinned` only for exactly a key that is pinned for the target; `keyBlob` is what the other
   * side offered and may be anything. A revoked key is refused even where it is pinned too.
   */
  check(target: HostAddress, keyBlob: Uint8Array): HostKeyCheck
  /**
   * Returns the host key algorithms to offer, best first: those of the pinned keys and no others, or
   * the target may choose to show a key that nobody pinned. Empty when nothing is pinned.
   */
  algorithmsFor(target: HostAddress): readonly string[]
}

/**
 * Returns the pins of a known_hosts file, or of entries from elsewhere. Host certificates are not
 * verified here, so a @cert-authority entry pins nothing.
 */
export function createHostKeyPins(pins: readonly KnownHostsEntry[]): HostKeyPins {
  function keysOf(target: HostAddress, marker: KnownHostsEntry['marker']): readonly PublicKey[] {
    return pins
      .filter((pin) => pin.marker === marker && coversHost(pin.names, target))
      .map((pin) => pin.publicKey)
  }

  return {
    check(target, keyBlob) {
      const offered = fingerprint(keyBlob)
      if (includes(keysOf(target, 'revoked'), keyBlob)) return { kind: 'revoked', offered }
      const pinned = keysOf(target, 'none')
      if (pinned.length === 0) return { kind: 'unpinned', offered }
      if (includes(pinned, keyBlob)) return { kind: 'pinned' }
      const expected = [...new Set(pinned.map((key) => fingerprint(key.blob)))]
      return { kind: 'mismatch', expected, offered }
    },
    algorithmsFor(target) {
      const revoked = keysOf(target, 'revoked')
      const pinned = keysOf(target, 'none').filter((key) => !includes(revoked, key.blob))
      return algorithms
        .filter(({ type }) => pinned.some((key) => key.type === type))
        .map(({ name }) => name)
    },
  }
}

/** Returns a pin for one key at one address, as an operator would paste it. */
export function pinHostKey({ host, port }: HostAddress, publicKey: PublicKey): KnownHostsEntry {
  // The name goes in whole, where a known_hosts line would read `*` and `,` in it.
  const pattern = knownHostName({ host, port })
  if (!/^[a-z0-9.:_%[\]-]+$/.test(pattern)) throw new TypeError(`"${host}" is not a host name`)
  const names = { kind: 'patterns', patterns: [{ negated: false, pattern }] } as const
  return { line: 0, marker: 'none', names, publicKey }
}

// RFC 8332 section 3: one RSA key signs under either name. SHA-1 (ssh-rsa) is never offered.
const algorithms: readonly { readonly name: string; readonly type: PublicKeyType }[] = [
  { name: 'ssh-ed25519', type: 'ssh-ed25519' },
  { name: 'ecdsa-sha2-nistp256', type: 'ecdsa-sha2-nistp256' },
  { name: 'ecdsa-sha2-nistp384', type: 'ecdsa-sha2-nistp384' },
  { name: 'ecdsa-sha2-nistp521', type: 'ecdsa-sha2-nistp521' },
  { name: 'rsa-sha2-512', type: 'ssh-rsa' },
  { name: 'rsa-sha2-256', type: 'ssh-rsa' },
]

function includes(keys: readonly PublicKey[], blob: Uint8Array): boolean {
  return keys.some((key) => key.blob.equals(blob))
}
