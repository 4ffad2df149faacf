import { createHostKeyPins, pinHostKey } from '@sallyport/keys/hostkeys'
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
      const { name: host, port } = route.target
      const hostKey = parsePublicKeyLine(hostKeyLineOf(host))
      const pins = createHostKeyPins([pinHostKey({ host, port }, hostKey)])
      if (!('key' in route.login)) throw new Error('a login without a key')
      const signer = await vault.signer(route.login.key, version)
      try {
        return await connectUpstream({
          route,
          signer,
          timeout: 30_000,
          signal: new AbortController().signal,
          trust: {
            algorithms: pins.algorithmsFor({ host, port }),
            check: (key) => {
              const { kind } = pins.check({ host, port }, key)
              return kind === 'pinned' ? { kind } : { kind: 'refused', reason: kind }
            },
          },
        })
      } finally {
        signer.close()
      }
    },
  }
}
