import { reject } from './rejection.ts'
import type { Rejection } from './rejection.ts'

/** One use of an ID token. `until` is the second from which the token is refused anyway. */
export interface TokenUse {
  readonly tokenHash: string
  readonly publicKeyFingerprint: string
  readonly until: number
}

export type Remembered =
  | { readonly kind: 'first' }
  | { readonly kind: 'again'; readonly publicKeyFingerprint: string }
  | { readonly kind: 'full' }

/** Keeps uses until they expire. `remember` must be atomic: of two calls for one hash, one is first. */
export interface ReplayStore {
  remember(use: TokenUse): Remembered | Promise<Remembered>
}

export interface ReplayGuard {
  /** Returns undefined when the use is allowed. */
  admit(use: TokenUse, singleUse: boolean): Promise<Rejection | undefined>
}

export interface ReplayGuardOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Kept in memory, and so forgotten by a restart, unless one is given. */
  readonly store?: ReplayStore
}

/**
 * Returns a guard: an ID token may be used again for the same key until it expires, never for another
 * key, and not at all when it is of single use.
 */
export function createReplayGuard(options: ReplayGuardOptions): ReplayGuard {
  const store = options.store ?? createMemoryReplayStore({ now: options.now })
  return {
    async admit(use, singleUse) {
      const remembered = await store.remember(use)
      switch (remembered.kind) {
        case 'first':
          return undefined
        case 'full':
          return reject('unavailable', 'too many ID tokens are in use to remember another')
        case 'again':
          if (remembered.publicKeyFingerprint !== use.publicKeyFingerprint) {
            return reject('replayed-with-another-key', 'ID token was used before for another key')
          }
          return singleUse
            ? reject('replayed', 'ID token was used before, and is of single use')
            : undefined
      }
    },
  }
}

export interface MemoryReplayStoreOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly capacity?: number
}

/**
 * Returns a store in memory. When it is full of uses that have not expired it says so, since to
 * forget one would let that token in again. A restart forgets all.
 */
export function createMemoryReplayStore(options: MemoryReplayStoreOptions): ReplayStore {
  const capacity = options.capacity ?? 100_000
  const uses = new Map<string, TokenUse>()
  let nextSweep = Infinity

  function sweep(now: number): void {
    nextSweep = Infinity
    for (const [hash, use] of uses) {
      if (use.until <= now) uses.delete(hash)
      else nextSweep = Math.min(nextSweep, use.until)
    }
  }

  return {
    remember(use) {
      const now = options.now() / 1000
      const earlier = uses.get(use.tokenHash)
      if (earlier !== undefined && earlier.until > now) {
        return { kind: 'again', publicKeyFingerprint: earlier.publicKeyFingerprint }
      }
      // Sweeping only when full, and only when something has expired, keeps the cost off each call.
      if (uses.size >= capacity && nextSweep <= now) sweep(now)
      if (uses.size >= capacity) return { kind: 'full' }
      uses.set(use.tokenHash, use)
      nextSweep = Math.min(nextSweep, use.until)
      return { kind: 'first' }
    },
  }
}
