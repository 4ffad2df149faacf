import { PlaceError, type KeyPlace } from '@sallyport/keys/rotation'
import { openPlaceWith, tryLogin } from './open-place.ts'
import { routeTo, type PlacedKey } from './places.ts'
import { activeOf, publicKeyLineOf, type RotateParts } from './rotate-key.ts'

export interface Repaired extends KeyPlace {
  readonly result: 'sound' | 'repaired' | 'failed'
  readonly problem?: string
}

/**
 * Lets the key in use in again where it is refused, through the second key of the login. It gets the options of that
 * key's line.
 */
export async function repairKey(
  parts: RotateParts,
  { key, places }: PlacedKey,
): Promise<readonly Repaired[]> {
  const repaired: Repaired[] = []
  for (const place of places) repaired.push(await repair(parts, key, place))
  return repaired
}

async function repair(
  { vault, access, report }: RotateParts,
  key: string,
  place: KeyPlace,
): Promise<Repaired> {
  const version = activeOf(vault, key)
  try {
    if ((await tryLogin(access, place, version)) === 'accepted')
      return { ...place, result: 'sound' }
    const login = routeTo(access.targets, place)?.login
    const second = login !== undefined && 'key' in login ? login.rotation?.recoveryKey : undefined
    if (second === undefined)
      return { ...place, result: 'failed', problem: 'its login has no recoveryKey' }
    const secondVersion = activeOf(vault, second)
    const open = await openPlaceWith(access, place, second, secondVersion)
    try {
      const beside = publicKeyLineOf(vault, second, secondVersion)
      await open.add(publicKeyLineOf(vault, key, version), beside)
    } finally {
      open.close()
    }
    if ((await tryLogin(access, place, version)) === 'refused')
      return { ...place, result: 'failed', problem: 'it is still refused, although it was added' }
    report('rotation.repaired', { ...place, key, version, with: second })
    return { ...place, result: 'repaired' }
  } catch (error) {
    if (!(error instanceof PlaceError)) throw error
    return { ...place, result: 'failed', problem: error.message }
  }
}
