import type { HostKeyAddition } from './change.ts'
import { coversHost } from './host-pattern.ts'
import type { HostAddress } from './host-pattern.ts'
import type { KnownHosts, KnownHostsProblem } from './known-hosts.ts'

export interface KnownHostsFinding {
  readonly keys: readonly HostKeyAddition[]
  /** Lines that cannot be read and may speak of these hosts: they may be revocations. */
  readonly problems: readonly KnownHostsProblem[]
}

/** Returns what a known_hosts file says of a host that is known by any of these addresses. */
export function findHostKeys(
  { entries, problems }: KnownHosts,
  addresses: readonly HostAddress[],
): KnownHostsFinding {
  const keys = entries
    .filter(({ names }) => addresses.some((address) => coversHost(names, address)))
    .map(({ marker, publicKey }): HostKeyAddition => {
      switch (marker) {
        case 'none':
          return { kind: 'key', state: 'pinned', publicKey }
        case 'cert-authority':
          return { kind: 'authority', state: 'pinned', publicKey }
        case 'revoked':
          return { kind: 'key', state: 'revoked', publicKey }
      }
    })
  const revoked = keys.filter(({ state }) => state === 'revoked')
  return {
    // A revocation says that nothing else counts for this key, wherever it stands in the file.
    keys: [
      ...revoked,
      ...keys.filter(({ state, publicKey }) => {
        return (
          state === 'pinned' && !revoked.some((each) => each.publicKey.blob.equals(publicKey.blob))
        )
      }),
    ],
    problems: problems.filter(({ names }) => {
      return names === undefined || addresses.some((address) => coversHost(names, address))
    }),
  }
}
