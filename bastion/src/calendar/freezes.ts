import type { WhenPattern } from '../decide/match/index.ts'
import { createWeekly } from './weekly.ts'

/** A time in which no rotation begins, as the configuration has it. */
export type FreezeEntry =
  | { readonly name: string; readonly weekly: WhenPattern }
  /** ISO 8601 with an offset. */
  | { readonly name: string; readonly from: string; readonly until: string }

/** A freeze that is in force. Milliseconds since 1970. */
export interface Frozen {
  readonly name: string
  readonly until: number
}

/** A freeze in force, or the next time that it will be. */
export interface FreezeTime {
  readonly name: string
  readonly from: number | undefined
  readonly until: number | undefined
}

export interface Freezes {
  /** Returns the freeze that is in force at a moment; of several, the one that ends last. */
  at(time: number): Frozen | undefined
  /** Returns each with its time from a moment on; one that is over for good is left out. */
  from(time: number): readonly FreezeTime[]
}

/** Returns the freezes of a configuration. */
export function createFreezes(entries: readonly FreezeEntry[]): Freezes {
  const freezes = entries.map((entry) => ({ name: entry.name, ...stretchesOf(entry) }))
  return {
    at(time) {
      let last: Frozen | undefined
      for (const { name, until } of freezes) {
        const end = until(time)
        if (end !== undefined && end > (last?.until ?? 0)) last = { name, until: end }
      }
      return last
    },
    from: (time) =>
      freezes.flatMap(({ name, until, next }) => {
        const from = next(time)
        return from === undefined ? [] : [{ name, from, until: until(from) }]
      }),
  }
}

interface Stretches {
  readonly until: (at: number) => number | undefined
  readonly next: (at: number) => number | undefined
}

function stretchesOf(entry: FreezeEntry): Stretches {
  if ('weekly' in entry) return createWeekly(entry.weekly)
  const from = Date.parse(entry.from)
  const until = Date.parse(entry.until)
  return {
    until: (at) => (from <= at && at < until ? until : undefined),
    next: (at) => (at < until ? Math.max(at, from) : undefined),
  }
}
