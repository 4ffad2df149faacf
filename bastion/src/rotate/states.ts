import type { KeyPlace, PlaceCheck, Rotation, RotationStore } from '@sallyport/keys/rotation'
import type { VaultEntry } from '@sallyport/keys/vault'
import type { PlacedKey } from './places.ts'
import type { NextRotation } from './schedule/index.ts'

/** Everything that is known of one login at a target. */
export interface PlaceState extends KeyPlace {
  readonly key: string
  /** The version that logins use. */
  readonly version: number
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly fingerprint: string
  readonly check: PlaceCheck | undefined
  /** The last rotation of the key. */
  readonly rotation: Rotation | undefined
  /** When a schedule rotates the key; undefined without one. */
  readonly next: NextRotation | undefined
}

/** Returns what is known of each place of the keys that the vault holds. */
export function statesOf(
  placed: readonly PlacedKey[],
  entries: readonly VaultEntry[],
  store: RotationStore,
  next: ReadonlyMap<string, NextRotation>,
): readonly PlaceState[] {
  const byId = new Map(entries.map((entry) => [entry.id, entry]))
  const checks = new Map(store.checks().map((check) => [nameOf(check), check]))
  return placed.flatMap(({ key, places }) => {
    const entry = byId.get(key)
    if (entry === undefined) return []
    const { version, createdAt, fingerprint } = entry
    const rotation = store.ofKey(key)
    return places.map((place) => ({
      ...place,
      key,
      version,
      createdAt,
      fingerprint,
      check: checks.get(nameOf(place)),
      rotation,
      next: next.get(key),
    }))
  })
}

// Neither a target nor a login has a blank in its name.
function nameOf({ target, login }: KeyPlace): string {
  return `${login} ${target}`
}
