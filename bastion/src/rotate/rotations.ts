import {
  hasEnded,
  type PlaceCheck,
  type RotationRun,
  type RotationStore,
  type RunKeyType,
} from '@sallyport/keys/rotation'
import type { VaultEntry } from '@sallyport/keys/vault'
import { createFreezes, type Freezes, type FreezeTime, type Frozen } from '../calendar/index.ts'
import { mapAbreast } from './abreast.ts'
import { createChanges, type Changes } from './changes.ts'
import { checkKeys } from './checks.ts'
import { leaveOf, type Leave } from './freeze-leave.ts'
import { createLeases } from './leases.ts'
import { repairKey, type Repaired } from './repair.ts'
import { placeKeys, select, type PlacedKey, type Selection } from './places.ts'
import {
  planKey,
  rotateKey,
  type KeyOutcome,
  type PlacePlan,
  type RotateOptions,
  type RotateParts,
} from './rotate-key.ts'
import { rollbackKey } from './rollback.ts'
import { viewRun, type RunView } from './run-view.ts'
import { createRuns } from './runs.ts'
import { createSchedules, type Schedule, type ScheduleView } from './schedule/index.ts'
import { createSleepUntil } from './sleep.ts'
import { statesOf, type PlaceState } from './states.ts'

/** Places that are looked at at the same time. */
const ABREAST = 10

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
  /** What the new keys are: ed25519 unless told. */
  readonly type?: RunKeyType | undefined
  /** Why it is done although a freeze is in force. */
  readonly despiteFreeze?: string | undefined
}

export type RollbackOptions = Pick<StartOptions, 'by' | 'despiteFreeze'>

export interface RotationsParts extends RotateParts {
  /** None unless given. */
  readonly schedules?: readonly Schedule[]
  readonly freezes?: Freezes
}

/** The rotation of the keys for the targets. */
export interface Rotations {
  /** The active version of every key of the vault. */
  keys(): readonly VaultEntry[]
  states(): readonly PlaceState[]
  runs(): readonly RotationRun[]
  run(id: string): RunView | undefined
  schedules(): readonly ScheduleView[]
  /** Returns the freezes that are in force or will be. */
  freezes(): readonly FreezeTime[]
  /** Returns the freeze that is in force. */
  frozen(): Frozen | undefined
  /** Tells of every change of a rotation, a run or a look. */
  readonly changes: Pick<Changes, 'revision' | 'subscribe' | 'after'>
  /** Looks at each place, and changes nothing. */
  plan(
    selection: Selection,
  ): Promise<Answer<{ readonly plans: readonly KeyPlan[]; readonly frozen: Frozen | undefined }>>
  /** Begins to rotate; what became of it is in the run, which is on the disk by then. */
  start(selection: Selection, options: StartOptions): Promise<Answer<{ readonly run: RotationRun }>>
  steer(id: string, how: 'pause' | 'resume' | 'cancel', by: string): RotationRun | undefined
  /** Goes back to the version of a key before the active one, by a rotation like any other. */
  rollback(key: string, options: RollbackOptions): Promise<Answer<{ readonly outcome: KeyOutcome }>>
  /** Lets the active version in again where it is refused, through the second key of the login. */
  repair(
    selection: Selection,
    by: string,
  ): Promise<Answer<{ readonly places: readonly Repaired[] }>>
  /** Logs in at each place with the active version. */
  verify(selection: Selection): Promise<Answer<{ readonly checks: readonly PlaceCheck[] }>>
  /** Begins what the schedules have due now. */
  look(): void
  /** Goes on with what a restart interrupted. */
  resumeAll(): Promise<void>
  /** Begins no further key, and waits for those that are worked on. */
  close(): Promise<void>
}

/** Returns the rotations of the keys of these targets. */
export function createRotations(given: RotationsParts): Rotations {
  const { vault, access, now, report } = given
  const { targets } = access
  const changes = createChanges(now())
  const store = telling(given.store, () => changes.changed())
  const parts: RotateParts = { ...given, store }
  const freezes = given.freezes ?? createFreezes([])
  const leases = createLeases()
  const underWay = new Map<Promise<unknown>, string>()

  const placed = placeKeys(targets)
  const placedOf = (key: string): PlacedKey | undefined => placed.find((one) => one.key === key)
  const leased = async <T>(key: PlacedKey, act: () => Promise<T>): Promise<T> => {
    const run = leases
      .take(key.places.map(({ target }) => target))
      .then((release) => act().finally(release))
    underWay.set(run, key.key)
    return run.finally(() => underWay.delete(run))
  }
  const rotate = async (key: string, options: RotateOptions): Promise<KeyOutcome> => {
    const one = placedOf(key)
    if (one === undefined) return { kind: 'refused', problem: `no login uses the key ${key}` }
    return leased(one, () => rotateKey(parts, one, options))
  }
  let frozenUntil = freezes.at(now())?.until
  const sleepUntil = createSleepUntil(now)
  const runs = createRuns({ rotate, store, freezes, sleepUntil, now, report })
  const schedules = createSchedules({
    ...parts,
    schedules: given.schedules ?? [],
    freezes,
    runs,
    isWorkedOn: (key) => [...underWay.values()].includes(key),
  })
  const selected = (selection: Selection): ReturnType<typeof select> => {
    const found = select(targets, selection)
    if (found.kind === 'refused') return found
    const held = new Set(vault.list().map(({ id }) => id))
    const absent = found.keys.find(({ key }) => !held.has(key))
    return absent === undefined
      ? found
      : { kind: 'refused', reason: 'unknown', message: `the vault has no key ${absent.key}` }
  }

  return {
    keys: () => vault.list(),
    states: () => statesOf(placed, vault.list(), store, schedules.next()),
    runs: () => runs.list(),
    run(id) {
      const run = runs.get(id)
      return run && viewRun(run, { store, frozen: runs.frozen(run) })
    },
    schedules: () => schedules.list(),
    freezes: () => freezes.from(now()),
    frozen: () => freezes.at(now()),
    changes,
    async plan(selection) {
      const found = selected(selection)
      if (found.kind === 'refused') return found
      const plans = await mapAbreast(found.keys, ABREAST, async (one) => ({
        key: one.key,
        places: await planKey(parts, one),
      }))
      return { kind: 'ok', plans, frozen: freezes.at(now()) }
    },
    async start(selection, { by, stopAfter, type, despiteFreeze }) {
      const found = selected(selection)
      if (found.kind === 'refused') return found
      const leave = leaveOf(freezes.at(now()), despiteFreeze)
      if (leave.kind === 'refused') return leave
      const asked = {
        keys: found.keys.map(({ key }) => key),
        by,
        stopAfter,
        ...(type === undefined ? {} : { type }),
        ...leave.run,
      }
      try {
        return { kind: 'ok', run: await runs.begin(asked) }
      } catch (error) {
        const message = `the run could not be written down, so nothing was begun: ${error instanceof Error ? error.message : String(error)}`
        return { kind: 'refused', message }
      }
    },
    steer: (id, how, by) => runs.steer(id, how, by),
    async rollback(key, { by, despiteFreeze }) {
      const one = placedOf(key)
      if (one === undefined) return { kind: 'refused', message: `no login uses the key ${key}` }
      return leased(one, async () => {
        const leaveNow = (): Leave => leaveOf(freezes.at(now()), despiteFreeze)
        const leave = leaveNow()
        if (leave.kind === 'refused') return leave
        const mayBegin = (): boolean => leaveNow().kind === 'given'
        return rollbackKey(parts, one, { by, mayBegin, ...leave.run })
      })
    },
    async repair(selection, by) {
      const found = selected(selection)
      if (found.kind === 'refused') return found
      report('rotation.repair-began', { by, keys: found.keys.map(({ key }) => key) })
      const places = await mapAbreast(found.keys, ABREAST, (one) =>
        leased(one, () => repairKey(parts, one)),
      )
      return { kind: 'ok', places: places.flat() }
    },
    async verify(selection) {
      const found = selected(selection)
      if (found.kind === 'refused') return found
      return { kind: 'ok', checks: await checkKeys(parts, found.keys) }
    },
    look() {
      schedules.look()
      const frozen = freezes.at(now())?.until
      if (frozen !== frozenUntil) changes.changed()
      frozenUntil = frozen
    },
    async resumeAll() {
      await runs.resumeAll()
      const running = runs.list().filter(({ state }) => state === 'running')
      const inRuns = new Set(running.flatMap(({ units }) => units.map(({ key }) => key)))
      for (const rotation of store.list())
        if (!hasEnded(rotation) && !inRuns.has(rotation.key))
          await rotate(rotation.key, { by: rotation.by }).catch((error: unknown) =>
            report('rotation.failed', { key: rotation.key, error }),
          )
    },
    async close() {
      await runs.close()
      await Promise.allSettled(underWay.keys())
      await store.close()
    },
  }
}

/** Returns a store that tells of each change once it is on the disk. */
function telling(store: RotationStore, changed: () => void): RotationStore {
  return {
    ...store,
    save: (rotation) => store.save(rotation).then(changed),
    saveRun: (run) => store.saveRun(run).then(changed),
    saveChecks: (checks) => store.saveChecks(checks).then(changed),
  }
}
