import type { Freezes } from './freezes.ts'
import type { Weekly } from './weekly.ts'

/** Freezes and closed hours that are looked past. */
const MOST = 200

/** Returns the first moment, from one on, that lies in the hours and in no freeze; undefined where none is in sight. */
export function openingFrom(
  at: number,
  { freezes, hours }: { readonly freezes: Freezes; readonly hours: Weekly | undefined },
): number | undefined {
  let time = at
  for (let looks = 0; looks < MOST; looks += 1) {
    const open = hours === undefined ? time : hours.next(time)
    if (open === undefined) return undefined
    const frozen = freezes.at(open)
    if (frozen === undefined) return open
    time = frozen.until
  }
  return undefined
}
