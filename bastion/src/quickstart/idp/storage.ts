/** One stored thing of the provider: a sign-in, a code, a grant. */
export interface Stored {
  readonly uid?: string
  readonly grantId?: string
  consumed?: number
}

/** What oidc-provider asks of a store, for one kind of thing. */
export interface IdpStorage {
  upsert(id: string, value: Stored, lifetime: number): Promise<void>
  find(id: string): Promise<Stored | undefined>
  findByUid(uid: string): Promise<Stored | undefined>
  findByUserCode(): Promise<undefined>
  consume(id: string): Promise<void>
  destroy(id: string): Promise<void>
  revokeByGrantId(grantId: string): Promise<void>
}

interface Entry {
  readonly kind: string
  readonly value: Stored
  readonly endsAt: number
}

/**
 * Returns what makes the stores of one provider, in memory: whoever is signed in signs in again after a restart.
 * `now` is milliseconds since 1970, lifetimes are seconds.
 */
export function createIdpStorage(now: () => number): (kind: string) => IdpStorage {
  const entries = new Map<string, Entry>()

  function alive(kind: string, matches: (value: Stored) => boolean): Stored | undefined {
    for (const entry of entries.values()) {
      if (entry.kind === kind && entry.endsAt > now() && matches(entry.value)) return entry.value
    }
    return undefined
  }

  function dropExpired(): void {
    for (const [key, { endsAt }] of entries) if (endsAt <= now()) entries.delete(key)
  }

  return (kind) => {
    const keyOf = (id: string): string => `${kind}:${id}`
    async function find(id: string): Promise<Stored | undefined> {
      const entry = entries.get(keyOf(id))
      return entry !== undefined && entry.endsAt > now() ? entry.value : undefined
    }
    return {
      async upsert(id, value, lifetime) {
        dropExpired()
        entries.set(keyOf(id), { kind, value, endsAt: now() + lifetime * 1000 })
      },
      find,
      async findByUid(uid) {
        return alive(kind, (value) => value.uid === uid)
      },
      async findByUserCode() {
        return undefined
      },
      async consume(id) {
        const value = await find(id)
        if (value !== undefined) value.consumed = Math.floor(now() / 1000)
      },
      async destroy(id) {
        entries.delete(keyOf(id))
      },
      async revokeByGrantId(grantId) {
        for (const [key, { value }] of entries) if (value.grantId === grantId) entries.delete(key)
      },
    }
  }
}
