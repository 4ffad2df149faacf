import { randomUUID } from 'node:crypto'
import {
  hasEnded,
  PlaceError,
  type KeyPlace,
  type PlaceCheck,
  type Rotation,
  type RotationRun,
} from '@sallyport/keys/rotation'
import type { VaultEntry } from '@sallyport/keys/vault'
import { mapAbreast } from './abreast.ts'
import { startFleet, type Fleet } from './fleet.ts'
import { createLeases } from './leases.ts'
import { tryLogin } from './open-place.ts'
import { repairKey, type Repaired } from './repair.ts'
import { placeKeys, select, type PlacedKey, type Selection } from './places.ts'
import {
  activeOf,
  planKey,
  rotateKey,
  type KeyOutcome,
  type PlacePlan,
  type RotateParts,
} from './rotate-key.ts'

/** Places that are looked at at the same time. */
const ABREAST = 10

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
}

export interface KeyPlan {
  readonly key: string
  readonly places: readonly PlacePlan[]
}

export type Answer<T> =
  ({ readonly kind: 'ok' } & T) | { readonly kind: 'refused'; readonly message: string }

export interface StartOptions {
  readonly by: string
  /** Failures after which no further key is begun. */
  readonly stopAfter: number
}

/** The rotation of the keys for the targets. */
export interface Rotations {
  /** The active version of every key of the vault. */
  keys(): readonly VaultEntry[]
  states(): readonly PlaceState[]
  runs(): readonly RotationRun[]
  run(id: string): RotationRun | undefined
  /** Looks at each place, and changes nothing. */
  plan(selection: Selection): Promise<Answer<{ readonly plans: readonly KeyPlan[] }>>
  /** Begins to rotate; what became of it is in the run. */
  start(selection: Selection, options: StartOptions): Answer<{ readonly run: RotationRun }>
  steer(id: string, how: 'pause' | 'resume' | 'cancel', by: string): RotationRun | undefined
  /** Goes back to the version of a key before the active one, by a rotation like any other. */
  rollback(key: string, by: string): Promise<Answer<{ readonly outcome: KeyOutcome }>>
  /** Lets the active version in again where it is refused, through the second key of the login. */
  repair(
    selection: Selection,
    by: string,
  ): Promise<Answer<{ readonly places: readonly Repaired[] }>>
  /** Logs in at each place with the active version. */
  verify(selection: Selection): Promise<Answer<{ readonly checks: readonly PlaceCheck[] }>>
  /** Goes on with what a restart interrupted. */
  resumeAll(): Promise<void>
  /** Begins no further key, and waits for those that are worked on. */
  close(): Promise<void>
}

/** Returns the rotations of the keys of these targets. */
export function createRotations(parts: RotateParts): Rotations {
  const { vault, store, access, now, report } = parts
  const { targets } = access
  const leases = createLeases()
  const fleets = new Map<string, Fleet>()
  const underWay = new Set<Promise<unknown>>()

  const placedOf = (key: string): PlacedKey | undefined =>
    placeKeys(targets).find((one) => one.key === key)
  const leased = async <T>({ places }: PlacedKey, act: () => Promise<T>): Promise<T> => {
    const release = await leases.take(places.map(({ target }) => target))
    const run = act().finally(release)
    underWay.add(run)
    return run.finally(() => underWay.delete(run))
  }
  const rotate = async (key: string, by: string): Promise<KeyOutcome> => {
    const placed = placedOf(key)
    if (placed === undefined) return { kind: 'refused', problem: `no login uses the key ${key}` }
    return leased(placed, () => rotateKey(parts, placed, { by }))
  }
  const launch = (run: RotationRun): void => {
    fleets.set(run.id, startFleet(run, { rotate, save: (one) => store.saveRun(one), report }))
  }
  const selected = (selection: Selection): ReturnType<typeof select> => {
    const found = select(targets, selection)
    if (found.kind === 'refused') return found
    const held = new Set(vault.list().map(({ id }) => id))
    const absent = found.keys.find(({ key }) => !held.has(key))
    return absent === undefined
      ? found
      : { kind: 'refused', message: `the vault has no key ${absent.key}` }
  }

  return {
    keys: () => vault.list(),
    states: () =>
      placeKeys(targets).flatMap(({ key, places }) => {
        const entry = vault.list().find(({ id }) => id === key)
        if (entry === undefined) return []
        return places.map((place) => ({
          ...place,
          key,
          version: entry.version,
          createdAt: entry.createdAt,
          fingerprint: entry.fingerprint,
          check: store
            .checks()
            .find(({ target, login }) => target === place.target && login === place.login),
          rotation: store.ofKey(key),
        }))
      }),
    runs: () => store.runs(),
    run: (id) => fleets.get(id)?.run ?? store.runs().find((run) => run.id === id),
    async plan(selection) {
      const found = selected(selection)
      if (found.kind === 'refused') return found
      const plans = await mapAbreast(found.keys, ABREAST, async (placed) => ({
        key: placed.key,
        places: await planKey(parts, placed),
      }))
      return { kind: 'ok', plans }
    },
    start(selection, { by, stopAfter }) {
      const found = selected(selection)
      if (found.kind === 'refused') return found
      const run: RotationRun = {
        id: randomUUID(),
        by,
        startedAt: new Date(now()).toISOString(),
        state: 'running',
        stopAfter,
        units: found.keys.map(({ key }) => ({ key, state: 'waiting' })),
      }
      report('rotation.run-began', { run: run.id, by, keys: run.units.map(({ key }) => key) })
      launch(run)
      return { kind: 'ok', run }
    },
    steer(id, how, by) {
      const run = fleets.get(id)?.run ?? store.runs().find((one) => one.id === id)
      if (run === undefined) return undefined
      if (!fleets.has(id)) launch(run)
      report(`rotation.run-${how}`, { run: id, by })
      fleets.get(id)?.[how]()
      return fleets.get(id)?.run
    },
    async rollback(key, by) {
      const placed = placedOf(key)
      if (placed === undefined) return { kind: 'refused', message: `no login uses the key ${key}` }
      return leased(placed, async () => {
        const begun = store.ofKey(key)
        if (begun !== undefined && !hasEnded(begun))
          return { kind: 'refused', message: `a rotation of ${key} has not ended; rotate it first` }
        const active = activeOf(vault, key)
        const earlier = vault.versions(key).findLast(({ version }) => version < active)
        if (earlier === undefined)
          return { kind: 'refused', message: `no version of ${key} before ${active} is kept` }
        const to = earlier.version
        return { kind: 'ok', outcome: await rotateKey(parts, placed, { by, to }) }
      })
    },
    async repair(selection, by) {
      const found = selected(selection)
      if (found.kind === 'refused') return found
      report('rotation.repair-began', { by, keys: found.keys.map(({ key }) => key) })
      const places = await mapAbreast(found.keys, ABREAST, (placed) =>
        leased(placed, () => repairKey(parts, placed)),
      )
      return { kind: 'ok', places: places.flat() }
    },
    async verify(selection) {
      const found = selected(selection)
      if (found.kind === 'refused') return found
      const places = found.keys.flatMap((one) =>
        one.places.map((place) => ({ ...place, key: one.key, version: activeOf(vault, one.key) })),
      )
      const checks = await mapAbreast(places, ABREAST, check)
      await store.saveChecks(checks)
      for (const one of checks) if (one.result !== 'accepted') report('rotation.drift', { ...one })
      return { kind: 'ok', checks }
    },
    async resumeAll() {
      for (const run of store.runs()) if (run.state === 'running') launch(run)
      const inRuns = new Set(
        [...fleets.values()].flatMap(({ run }) => run.units.map(({ key }) => key)),
      )
      for (const rotation of store.list())
        if (!hasEnded(rotation) && !inRuns.has(rotation.key))
          await rotate(rotation.key, rotation.by).catch((error: unknown) =>
            report('rotation.failed', { key: rotation.key, error }),
          )
    },
    async close() {
      const running = [...fleets.values()].filter(({ run }) => run.state === 'running')
      for (const fleet of running) fleet.pause()
      for (const fleet of running) {
        await fleet.idle
        // It goes on after a restart.
        await store.saveRun({ ...fleet.run, state: 'running' })
      }
      await Promise.allSettled(underWay)
      await store.close()
    },
  }

  async function check(place: KeyPlace & { key: string; version: number }): Promise<PlaceCheck> {
    const at = new Date(now()).toISOString()
    try {
      return { ...place, at, result: await tryLogin(access, place, place.version) }
    } catch (error) {
      if (!(error instanceof PlaceError)) throw error
      return { ...place, at, result: 'failed', problem: error.message }
    }
  }
}
