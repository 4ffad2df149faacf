/**
 * The map between the times of a recording and the player's when idle stretches are shortened. The player's files were
 * cut at these very gaps; all else on the page speaks recorded time.
 */
export class Timeline {
  /** @type {readonly { start: number, length: number, played: number }[]} */
  #gaps
  #limit

  /**
   * @param {readonly (readonly [start: number, length: number])[]} gaps in order, each longer than the limit
   * @param {number} limit seconds that are left of each; Infinity to keep every gap
   */
  constructor(gaps, limit) {
    this.#limit = limit
    let cut = 0
    this.#gaps = gaps.map(([start, length]) => {
      const gap = { start, length, played: start - cut }
      cut += Math.max(0, length - limit)
      return gap
    })
  }

  /** @param {number} recorded */
  toPlayed(recorded) {
    const gap = this.#gaps[lastAt(this.#gaps, recorded, 'start')]
    if (gap === undefined) return recorded
    const within = recorded - gap.start
    const kept = Math.min(gap.length, this.#limit)
    return gap.played + (within < gap.length ? Math.min(within, kept) : kept + within - gap.length)
  }

  /** @param {number} played */
  toRecorded(played) {
    const gap = this.#gaps[lastAt(this.#gaps, played, 'played')]
    if (gap === undefined) return played
    const within = played - gap.played
    const kept = Math.min(gap.length, this.#limit)
    return gap.start + (within < kept ? within : gap.length + within - kept)
  }
}

/**
 * Returns the place of the last gap whose `side` is not after `time`, or -1.
 *
 * @param {readonly { start: number, length: number, played: number }[]} gaps
 * @param {number} time
 * @param {'start' | 'played'} side
 */
function lastAt(gaps, time, side) {
  let low = 0
  let high = gaps.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((gaps[middle]?.[side] ?? Infinity) <= time) low = middle + 1
    else high = middle
  }
  return low - 1
}
