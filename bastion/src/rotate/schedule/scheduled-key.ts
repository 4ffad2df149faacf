import type { VaultEntry } from '@sallyport/keys/vault'
import type { PlacedKey } from '../places.ts'
import type { Blocked } from './blocked.ts'

/** A key of a schedule, and when it is rotated. Milliseconds since 1970. */
export interface ScheduledKey {
  readonly placed: PlacedKey
  /** Undefined where the vault has no such key. */
  readonly entry: VaultEntry | undefined
  readonly due: number
  /** From when on it may begin, by its age and what was before. */
  readonly from: number
  /** When it begins; undefined while something else stands against it. */
  readonly begins: number | undefined
  readonly blocked: Blocked | undefined
}
