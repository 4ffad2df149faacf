/** A monotonic clock; it counts microseconds. */
export type Clock = () => number

/** Time since a channel's start, which is when it is made. */
export class Timeline {
  readonly #clock: Clock
  readonly #start: number
  #latest = 0
  #previous = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#start = Math.round(clock())
  }

  /** Whole microseconds since the start; never less than an earlier answer. */
  now(): number {
    this.#latest = Math.max(this.#latest, Math.round(this.#clock()) - this.#start)
    return this.#latest
  }

  /**
   * The interval, in whole microseconds, from the event before to one at `time` microseconds. Both
   * ends were rounded before the subtraction, so that the sum of all intervals stays exact.
   */
  interval(time: number): number {
    const step = Math.max(0, time - this.#previous)
    this.#previous += step
    return step
  }
}
