import type { Rotation, RunKeyType } from '@sallyport/keys/rotation'
import type { VaultEntry } from '@sallyport/keys/vault'
import { createHash } from 'node:crypto'
import type { WhenPattern } from '../../decide/match/index.ts'
import type { Selection } from '../places.ts'

const HOUR = 3600 * 1000
const DAY = 24 * HOUR

/** Keys that are rotated by themselves once they are old. Spans are milliseconds. */
export interface Schedule {
  readonly name: string
  /** The age of a version at which it is rotated. */
  readonly every: number
  /** What is added to the age at most. */
  readonly jitter: number
  /** Failures after which a run begins no further key. */
  readonly stopAfter: number
  readonly type: RunKeyType
  /** When it may begin. */
  readonly hours?: WhenPattern | undefined
  readonly selection: Selection
}

/** Milliseconds that a schedule waits after a run that did not come to its end, or a key after a rotation of it. */
export function pauseOf({ every }: Pick<Schedule, 'every'>): number {
  return Math.min(every, DAY)
}

/** When a key is to be rotated. Milliseconds since 1970. */
export interface Due {
  /** By its age, and its part of the jitter. */
  readonly due: number
  /** From when on it may begin, by what was before; no earlier than `due`. */
  readonly from: number
}

/**
 * Returns when a key is due. Its part of the jitter is drawn from its name and its fingerprint, so that it is the same
 * after each restart and another one for each version. What became due while the bastion was down is spread over the
 * first hour of its running, or over the jitter where that is shorter.
 */
export function dueOf(
  { name, every, jitter }: Pick<Schedule, 'name' | 'every' | 'jitter'>,
  entry: Pick<VaultEntry, 'fingerprint' | 'createdAt' | 'dueSince'>,
  { rotation, startedAt }: { readonly rotation: Rotation | undefined; readonly startedAt: number },
): Due {
  const part = partOf(name, entry.fingerprint)
  const aged = Date.parse(entry.createdAt) + every
  // One that was given out is not secret any more, however young it is.
  const given = entry.dueSince === undefined ? aged : Date.parse(entry.dueSince)
  const due = Math.min(aged, given) + Math.floor(part * jitter)
  const rested = rotation === undefined ? 0 : Date.parse(rotation.changedAt) + pauseOf({ every })
  const spread = startedAt + Math.floor(part * Math.min(jitter, HOUR))
  return { due, from: Math.max(due, rested, due < startedAt ? spread : 0) }
}

/** Returns a number from 0 to 1, always the same one for the same texts. */
function partOf(...texts: readonly string[]): number {
  const digest = createHash('sha256').update(JSON.stringify(texts)).digest()
  return digest.readUIntBE(0, 6) / 2 ** 48
}
