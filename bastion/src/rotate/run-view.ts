import {
  hasEnded,
  type PlaceProgress,
  type RotationRun,
  type RotationStore,
  type RunUnit,
} from '@sallyport/keys/rotation'
import type { Frozen } from '../calendar/index.ts'

/** A run as people look at it. */
export interface RunView extends RotationRun {
  readonly units: readonly (RunUnit & {
    /** How far each of its places is, while it is worked on or did not end. */
    readonly places?: readonly PlaceProgress[]
  })[]
  /** The freeze whose end it waits for; ISO 8601, UTC. */
  readonly frozen?: { readonly name: string; readonly until: string }
}

/** Returns a run with what is known of its keys. */
export function viewRun(
  run: RotationRun,
  now: { readonly store: Pick<RotationStore, 'ofKey'>; readonly frozen: Frozen | undefined },
): RunView {
  const { store, frozen } = now
  return {
    ...run,
    units: run.units.map((unit) => {
      if (unit.state !== 'running' && unit.state !== 'unfinished') return unit
      const rotation = store.ofKey(unit.key)
      // Else it is one that was before.
      const isOfNow = rotation !== undefined && !hasEnded(rotation)
      return isOfNow ? { ...unit, places: rotation.places } : unit
    }),
    ...(frozen && { frozen: { name: frozen.name, until: new Date(frozen.until).toISOString() } }),
  }
}
