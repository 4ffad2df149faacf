/**
 * One of several recordings that run by the same clock. Times are in seconds of its own.
 *
 * @typedef {{
 *   readonly begins: number,
 *   readonly duration: number,
 *   readonly position: number,
 *   readonly isPlaying: boolean,
 *   play(): void,
 *   pause(): void,
 *   seek(seconds: number): void,
 * }} Runner `begins` is when it begins on the common clock
 */

/** Runners that are further apart than this are brought together again, in seconds. */
const APART = 0.6

/** Keeps recordings at the same moment, whichever of them is played, paused or jumped in. */
export class CommonClock {
  /** @type {readonly Runner[]} */
  #runners = []
  #at = 0
  #since = 0
  #now
  speed = 1
  isRunning = false

  /** @param {() => number} now milliseconds */
  constructor(now) {
    this.#now = now
  }

  /** @param {readonly Runner[]} runners */
  setRunners(runners) {
    this.#runners = runners
    // At the beginning each shows its first screen by itself.
    if (this.time > 0) this.jump(this.time)
  }

  /** Seconds since the first recording began. */
  get time() {
    const passed = this.isRunning ? ((this.#now() - this.#since) / 1000) * this.speed : 0
    return Math.min(this.#at + passed, this.end)
  }

  get end() {
    return Math.max(0, ...this.#runners.map(({ begins, duration }) => begins + duration))
  }

  play() {
    this.#at = this.time >= this.end ? 0 : this.time
    this.#since = this.#now()
    this.isRunning = true
    this.tick()
  }

  pause() {
    this.#at = this.time
    this.isRunning = false
    this.tick()
  }

  /** @param {number} seconds on the common clock */
  jump(seconds) {
    this.#at = Math.min(Math.max(0, seconds), this.end)
    this.#since = this.#now()
    for (const runner of this.#runners) runner.seek(this.#wanted(runner))
    this.tick()
  }

  /** @param {number} speed */
  setSpeed(speed) {
    this.#at = this.time
    this.#since = this.#now()
    this.speed = speed
  }

  /** Brings every recording to where it should be; to be called several times a second. */
  tick() {
    if (this.isRunning && this.time >= this.end) {
      this.#at = this.end
      this.isRunning = false
    }
    for (const runner of this.#runners) {
      const { begins, duration, position, isPlaying } = runner
      const wanted = this.time - begins
      if (!this.isRunning || wanted < 0 || wanted >= duration) {
        if (isPlaying) runner.pause()
        continue
      }
      if (Math.abs(position - wanted) > APART * Math.max(1, this.speed)) runner.seek(wanted)
      if (!isPlaying) runner.play()
    }
  }

  /** @param {Runner} runner */
  #wanted({ begins, duration }) {
    return Math.min(Math.max(0, this.#at - begins), duration)
  }
}
