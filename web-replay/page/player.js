import { create } from '/vendor/asciinema-player/index.js'
import { Timeline } from './timeline.js'

/** @import { Player, Source } from '/vendor/asciinema-player/index.js' */
/** @import { Outline } from './replay-types' */

/** @typedef {{ speed: number, skipIdle: boolean }} Pace */

/** A recording shorter than this is shown by its last screen, in seconds. */
const SHORT = 10

/**
 * Shows one channel, and speaks recorded time to the rest of the page. The recording comes in segments, each with the
 * screen that it begins with, so that its length does not matter. Speed and idling are fixed when a player is created:
 * a change of pace puts a new one in the old one's place.
 */
export class Replay {
  #place
  #base
  #outline
  #onPlaying
  #timeline
  /** @type {Player} */
  #player
  /** @type {number | undefined} where a jump that is under way leads */
  #goal
  /** True while the last screen is shown in the place of the first. */
  #isPoster = false
  isPlaying = false

  /**
   * @param {HTMLElement} place
   * @param {string} base address of the channel in the API
   * @param {Outline} outline with at least one event: the player refuses an empty one
   * @param {Pace} pace
   * @param {(isPlaying: boolean) => void} onPlaying
   */
  constructor(place, base, outline, pace, onPlaying) {
    this.#place = place
    this.#base = base
    this.#outline = outline
    this.#onPlaying = onPlaying
    this.#timeline = new Timeline(outline.gaps, Infinity)
    this.#player = this.#create(pace)
  }

  /** Returns the position in seconds of recorded time. */
  get position() {
    return this.#goal ?? this.#timeline.toRecorded(this.#player.getCurrentTime() ?? 0)
  }

  /** @param {number} seconds recorded */
  async seek(seconds) {
    const goal = Math.min(Math.max(0, seconds), this.#outline.duration)
    this.#goal = goal
    try {
      // A jump from there to the end would find nothing left to show, and leave an empty screen.
      if (this.#isPoster) await this.#player.seek(0)
      this.#isPoster = false
      await this.#player.seek(this.#timeline.toPlayed(goal))
    } finally {
      if (this.#goal === goal) this.#goal = undefined
    }
  }

  /** Plays when it pauses, and pauses when it plays. */
  toggle() {
    void (this.isPlaying ? this.#player.pause() : this.#player.play())
  }

  /** @param {Pace} pace */
  async repace(pace) {
    const { position, isPlaying } = this
    this.#player.dispose()
    this.#set(false)
    this.#player = this.#create(pace)
    await this.seek(position)
    if (isPlaying) await this.#player.play()
  }

  dispose() {
    this.#player.dispose()
  }

  /**
   * @param {Pace} pace
   * @returns {Player}
   */
  #create({ speed, skipIdle }) {
    const { gaps, idleLimit, duration } = this.#outline
    this.#timeline = new Timeline(gaps, skipIdle ? idleLimit : Infinity)
    const query = skipIdle ? '?idle=skip' : ''
    const source = { driver: 'recording', format: 'segmented', url: `${this.#base}/index${query}` }
    const end = this.#timeline.toPlayed(duration)
    this.#isPoster = end < SHORT
    const player = create(/** @type {Source} */ (source), this.#place, {
      fit: 'width',
      preload: true,
      controls: true,
      theme: 'sallyport',
      speed,
      // What a short command printed is there at once; playing starts at the beginning. A poster
      // stops before its time, hence the second after the end.
      poster: `npt:${this.#isPoster ? end + 1 : 0}`,
    })
    player.addEventListener('playing', () => this.#set(true))
    player.addEventListener('pause', () => this.#set(false))
    player.addEventListener('ended', () => this.#set(false))
    return player
  }

  /** @param {boolean} isPlaying */
  #set(isPlaying) {
    if (this.isPlaying === isPlaying) return
    this.isPlaying = isPlaying
    this.#onPlaying(isPlaying)
  }
}
