import { PlaceError, type KeyPlace, type PlaceCheck } from '@sallyport/keys/rotation'
import { mapAbreast } from './abreast.ts'
import { tryLogin } from './open-place.ts'
import type { PlacedKey } from './places.ts'
import { activeOf, type RotateParts } from './rotate-key.ts'

/** Places that are looked at at the same time. */
const ABREAST = 10

/** Logs in at each place of the keys with the active version, and writes down what came of it. */
export async function checkKeys(
  parts: RotateParts,
  keys: readonly PlacedKey[],
): Promise<readonly PlaceCheck[]> {
  const { vault, store, report } = parts
  const places = keys.flatMap((one) =>
    one.places.map((place) => ({ ...place, key: one.key, version: activeOf(vault, one.key) })),
  )
  const checks = await mapAbreast(places, ABREAST, (place) => check(parts, place))
  await store.saveChecks(checks)
  for (const one of checks) if (one.result !== 'accepted') report('rotation.drift', { ...one })
  return checks
}

async function check(
  { access, now }: RotateParts,
  place: KeyPlace & { readonly key: string; readonly version: number },
): Promise<PlaceCheck> {
  const at = new Date(now()).toISOString()
  try {
    return { ...place, at, result: await tryLogin(access, place, place.version) }
  } catch (error) {
    if (!(error instanceof PlaceError)) throw error
    return { ...place, at, result: 'failed', problem: error.message }
  }
}
