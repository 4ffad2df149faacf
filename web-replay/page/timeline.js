/**
 * The times of a cast, and the map between them and the player's when idle stretches are shortened.
 * The player cuts each gap between two events to the limit; chapters are written in recorded time.
 */
export class Timeline {
  /** @type {readonly number[]} recorded time of each event, seconds */
  #recorded
  /** @type {readonly number[]} the player's time of each event, seconds */
  #played

  /**
   * @param {readonly number[]} intervals seconds since the event before, one per event
   * @param {number} idleLimit seconds; Infinity to keep every gap
   */
  constructor(intervals, idleLimit) {
    this.#recorded = sums(intervals)
    this.#played = sums(intervals.map((interval) => Math.min(interval, idleLimit)))
  }

  /** Returns the player's time of the last event. */
  get end() {
    return this.#played.at(-1) ?? 0
  }

  /** @param {number} recorded */
  toPlayed(recorded) {
    return convert(recorded, this.#recorded, this.#played)
  }

  /** @param {number} played */
  toRecorded(played) {
    return convert(played, this.#played, this.#recorded)
  }
}

/**
 * Returns the interval of each event of an asciicast v3, whose lines begin `[interval,`.
 *
 * @param {string} cast
 * @returns {readonly number[]}
 */
export function intervalsOf(cast) {
  const intervals = []
  for (const match of cast.matchAll(/^\[\s*([0-9.eE+-]+)\s*,/gm)) intervals.push(Number(match[1]))
  return intervals
}

/** @param {readonly number[]} values */
function sums(values) {
  let sum = 0
  return values.map((value) => (sum += value))
}

/**
 * Carries `time` from one scale to the other: to the last event at or before it, and on by what is
 * left, though never past the event that follows.
 *
 * @param {number} time
 * @param {readonly number[]} from
 * @param {readonly number[]} to
 */
function convert(time, from, to) {
  const next = firstAfter(from, time)
  const start = next === 0 ? 0 : (from[next - 1] ?? 0)
  const landed = (next === 0 ? 0 : (to[next - 1] ?? 0)) + Math.max(0, time - start)
  return Math.min(landed, to[next] ?? Infinity)
}

/**
 * @param {readonly number[]} sorted
 * @param {number} limit
 */
function firstAfter(sorted, limit) {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? Infinity) <= limit) low = middle + 1
    else high = middle
  }
  return low
}
