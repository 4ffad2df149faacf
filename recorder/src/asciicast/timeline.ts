/** A monotonic clock: a bigint counts nanoseconds, a number microseconds. */
export type Clock = () => bigint | number

/** Time since a channel's start. */
export interface Timeline {
  /** Whole microseconds since the start; never less than an earlier answer. */
  now(): number
  /**
   * The interval, in whole microseconds, from the event before to one at `time` microseconds. Both
   * ends were rounded before the subtraction, so that the sum of all intervals stays exact.
   */
  interval(time: number): number
}

/** Returns a timeline that starts now. */
export function createTimeline(clock: Clock): Timeline {
  const start = microseconds(clock())
  let latest = 0
  let previous = 0
  return {
    now() {
      latest = Math.max(latest, microseconds(clock()) - start)
      return latest
    },
    interval(time) {
      const step = Math.max(0, time - previous)
      previous += step
      return step
    },
  }
}

function microseconds(reading: bigint | number): number {
  return typeof reading === 'bigint' ? Number(reading / 1000n) : Math.round(reading)
}
