import { hasEnded, type RotationRun, type RotationStore } from '@sallyport/keys/rotation'
import { barredAt, type PlaceAccess } from '../open-place.ts'
import type { PlacedKey } from '../places.ts'

/** Why a key is not rotated although it is due. */
export interface Blocked {
  /** The same for as long as the same thing stands against it. */
  readonly id: string
  readonly reason: string
}

export interface BlockedParts {
  readonly access: PlaceAccess
  readonly store: Pick<RotationStore, 'ofKey'>
  readonly runs: readonly RotationRun[]
  readonly isHeld: (key: string) => boolean
  readonly isWorkedOn: (key: string) => boolean
}

/** Returns what stands against beginning to rotate a key; undefined when nothing does. */
export function blockedBy({ key, places }: PlacedKey, parts: BlockedParts): Blocked | undefined {
  if (!parts.isHeld(key)) return { id: 'absent', reason: `the vault has no key ${key}` }
  const run = parts.runs.find(({ state, units }) => {
    const underWay = state === 'running' || state === 'paused'
    return underWay && units.some((unit) => unit.key === key && unit.state !== 'rotated')
  })
  if (run !== undefined) {
    const { id, state, by } = run
    return { id, reason: `it is in run ${id} by ${by}, which is ${state}` }
  }
  const rotation = parts.store.ofKey(key)
  if (rotation !== undefined && !hasEnded(rotation)) {
    const { id, phase, problem } = rotation
    const why = problem === undefined ? '' : `: ${problem}`
    return { id, reason: `a rotation of it did not end (${phase})${why}` }
  }
  if (parts.isWorkedOn(key)) return { id: 'worked-on', reason: 'somebody works on it' }
  const barred = places.flatMap((place) => barredAt(parts.access, place) ?? [])
  return barred.length === 0 ? undefined : { id: 'quarantine', reason: barred.join('; ') }
}
