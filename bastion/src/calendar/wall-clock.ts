const DAY = 24 * 3600 * 1000
const SECOND = 1000

/**
 * The clock on a wall somewhere. A time on the wall is written as milliseconds too: those that the same figures would be
 * in UTC.
 */
export interface WallClock {
  /** Returns what the wall shows at a moment. */
  read(at: number): number
  /**
   * Returns when the wall shows a time. One that comes twice has an earlier and a later moment; one that is skipped is the
   * moment at which it is skipped.
   */
  moment(wall: number, which: 'earlier' | 'later'): number
}

/** Returns the clock of a time zone that the platform knows. */
export function createWallClock(zone: string): WallClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const read = (at: number): number => {
    const whole = Math.floor(at / SECOND) * SECOND
    const parts = new Map(format.formatToParts(whole).map(({ type, value }) => [type, value]))
    const number = (name: Intl.DateTimeFormatPartTypes): number => Number(parts.get(name))
    const wall = Date.UTC(
      number('year'),
      number('month') - 1,
      number('day'),
      number('hour'),
      number('minute'),
      number('second'),
    )
    return wall + (at - whole)
  }
  const ahead = (at: number): number => read(at) - at

  return {
    read,
    moment(wall, which) {
      // No zone is a day ahead or behind, so that these two stand on both sides of any change.
      const offsets = [ahead(wall - DAY), ahead(wall + DAY)]
      const found = offsets.map((offset) => wall - offset).filter((at) => read(at) === wall)
      if (found.length > 0) return which === 'earlier' ? Math.min(...found) : Math.max(...found)
      let before = wall - Math.max(...offsets)
      let after = wall - Math.min(...offsets)
      while (after - before > SECOND) {
        const middle = before + Math.floor((after - before) / 2 / SECOND) * SECOND
        if (read(middle) < wall) before = middle
        else after = middle
      }
      return after
    },
  }
}
