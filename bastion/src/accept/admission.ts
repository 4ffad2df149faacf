/** How many connections may be in the door, not yet authenticated. */
export interface AdmissionLimits {
  readonly total: number
  readonly perAddress: number
}

/** One connection in the door. `evict` ends it to make room for others. */
export interface Newcomer {
  readonly address: string
  evict(): void
}

export type AdmissionVerdict =
  | { readonly kind: 'admitted'; release(): void }
  | { readonly kind: 'refused'; readonly reason: string }

export interface Admissions {
  readonly size: number
  admit(newcomer: Newcomer): AdmissionVerdict
}

/**
 * Counts unauthenticated connections. An address at its own cap is refused. When the whole door is full, the oldest
 * connection of the address that holds most places goes, so that a flood from one place cannot keep others out.
 */
export function createAdmissions(limits: AdmissionLimits): Admissions {
  const byAddress = new Map<string, Set<Newcomer>>()
  let size = 0

  const release = (newcomer: Newcomer): void => {
    const peers = byAddress.get(newcomer.address)
    if (peers === undefined || !peers.delete(newcomer)) return
    size -= 1
    if (peers.size === 0) byAddress.delete(newcomer.address)
  }

  const evictOldestOfMost = (): void => {
    let most: Set<Newcomer> | undefined
    for (const peers of byAddress.values()) if (peers.size > (most?.size ?? 0)) most = peers
    const [oldest] = most ?? []
    if (oldest === undefined) return
    release(oldest)
    oldest.evict()
  }

  return {
    get size() {
      return size
    },
    admit(newcomer) {
      const peers = byAddress.get(newcomer.address) ?? new Set()
      if (peers.size >= limits.perAddress) {
        return {
          kind: 'refused',
          reason: `${peers.size} connections of this address are not authenticated yet`,
        }
      }
      if (size >= limits.total) evictOldestOfMost()
      byAddress.set(newcomer.address, peers)
      peers.add(newcomer)
      size += 1
      return { kind: 'admitted', release: () => release(newcomer) }
    },
  }
}
