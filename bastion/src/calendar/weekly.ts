import { readWindow, weekdays, type WhenPattern } from '../decide/match/index.ts'
import { createWallClock } from './wall-clock.ts'

const MINUTE = 60 * 1000
const DAY = 24 * 60 * MINUTE
/** Days that are looked through: an hour of one day a week may be skipped once. */
const AHEAD = 15

/** Hours of some days of the week, as stretches of time. */
export interface Weekly {
  /** Returns when the stretch ends in which a moment lies; undefined outside of all. */
  until(at: number): number | undefined
  /** Returns the first moment in any of them, from a moment on. */
  next(at: number): number | undefined
}

interface Stretch {
  readonly from: number
  readonly until: number
}

/**
 * Returns the stretches of a pattern that the schema has accepted. One that begins or ends in an hour that comes twice has
 * all of that hour: it is never interrupted.
 */
export function createWeekly({ days = weekdays, between, tz }: WhenPattern): Weekly {
  const clock = createWallClock(tz)
  const [first, last] = (between === undefined ? undefined : readWindow(between)) ?? [0, 24 * 60]
  const span = last > first ? last : last + 24 * 60
  const dayOf = (at: number): number => Math.floor(clock.read(at) / DAY)
  const stretchOf = (day: number): Stretch | undefined => {
    // 1 January 1970 was a Thursday.
    const name = weekdays[(day + 3) % 7]
    if (name === undefined || !days.includes(name)) return undefined
    return {
      from: clock.moment(day * DAY + first * MINUTE, 'earlier'),
      until: clock.moment(day * DAY + span * MINUTE, 'later'),
    }
  }
  const endOf = (at: number): number | undefined => {
    const today = dayOf(at)
    return [today, today - 1]
      .map(stretchOf)
      .find((stretch) => stretch !== undefined && stretch.from <= at && at < stretch.until)?.until
  }
  const until = (at: number): number | undefined => {
    const limit = at + AHEAD * DAY
    let end = endOf(at)
    // The next one may begin where this one ends.
    for (let next = end; next !== undefined && next < limit; next = endOf(next)) end = next
    return end
  }

  return {
    until,
    next(at) {
      if (endOf(at) !== undefined) return at
      const today = dayOf(at)
      for (let day = today; day < today + AHEAD; day += 1) {
        const stretch = stretchOf(day)
        if (stretch !== undefined && stretch.from >= at && stretch.from < stretch.until)
          return stretch.from
      }
      return undefined
    },
  }
}
