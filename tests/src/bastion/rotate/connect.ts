import { parsePublicKeyLine } from '@sallyport/keys/publickey'
import type { Vault } from '@sallyport/keys/vault'
import type { PlaceAccess } from '@sallyport/bastion/rotate'
import { connectUpstream, type Target } from '@sallyport/bastion/route'

/** Returns how targets are logged in to with the keys of a vault, each pinned to the host key that is known of it. */
export function accessWith(
  vault: Vault,
  targets: readonly Target[],
  hostKeyLineOf: (target: string) => string,
): PlaceAccess {
  return {
    targets,
    sleep: () => Promise.resolve(),
    connect: async (route, version) => {
      const pinned = parsePublicKeyLine(hostKeyLineOf(route.target.name))
      if (!('key' in route.login)) throw new Error('a login without a key')
      const signer = await vault.signer(route.login.key, version)
      try {
        return await connectUpstream({
          route,
          signer,
          timeout: 30_000,
          signal: new AbortController().signal,
          trust: {
            algorithms: [pinned.type],
            check: (key) =>
              pinned.blob.equals(key) ? { kind: 'pinned' } : { kind: 'refused', reason: 'another' },
          },
        })
      } finally {
        signer.close()
      }
    },
  }
}
