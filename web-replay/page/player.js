import { create } from '../vendor/asciinema-player/index.js'
import { Timeline } from './timeline.js'

/** @import { Player, Source } from '../vendor/asciinema-player/index.js' */
/** @import { Outline } from './replay-types' */

/** @typedef {{ speed: number, skipIdle: boolean }} Pace */

/** Milliseconds in which a loaded recording draws its first screen. */
const DRAWN = 100
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
  #hasControls
  #onPlaying
  #timeline
  /** @type {Player} */
  #player
  /** @type {number | undefined} where a jump that is under way leads */
  #goal
  /** Which screen is shown until somebody plays or jumps: that of a later moment than the position. @type {'first' | 'last' | undefined} */
  #poster
  isPlaying = false
  /** Resolves when the recording is loaded, or cannot be. @type {Promise<void>} */
  ready

  /**
   * @param {{
   *   place: HTMLElement,
   *   base: string,
   *   outline: Outline,
   *   pace: Pace,
   *   from: number,
   *   hasControls?: boolean,
   *   onPlaying: (isPlaying: boolean) => void,
   * }} options `base` is the address of the channel in the API; `outline` has at least one event, as the player refuses
   *   an empty recording; `from` is where it begins, in seconds of recorded time
   */
  constructor({ place, base, outline, pace, from, hasControls = true, onPlaying }) {
    this.#place = place
    this.#base = base
    this.#outline = outline
    this.#hasControls = hasControls
    this.#onPlaying = onPlaying
    this.#timeline = new Timeline(outline.gaps, Infinity)
    this.#player = this.#create(pace, from)
    this.ready = new Promise((resolve) => {
      /** @typedef {{ addEventListener(name: string, callback: () => void): void }} Hears */
      const player = /** @type {Hears} */ (/** @type {unknown} */ (this.#player))
      player.addEventListener('metadata', () => setTimeout(resolve, DRAWN))
      player.addEventListener('error', resolve)
    })
    if (from > 0) void this.seek(from)
  }

  /** Returns the position in seconds of recorded time. */
  get position() {
    if (this.#poster === 'first' && !this.isPlaying) return this.#goal ?? 0
    return this.#goal ?? this.#timeline.toRecorded(this.#player.getCurrentTime() ?? 0)
  }

  /** @param {number} seconds recorded */
  async seek(seconds) {
    const goal = Math.min(Math.max(0, seconds), this.#outline.duration)
    this.#goal = goal
    try {
      // A jump from there to the end would find nothing left to show, and leave an empty screen.
      if (this.#poster !== undefined) await this.#player.seek(0)
      this.#poster = undefined
      await this.#player.seek(this.#timeline.toPlayed(goal))
    } finally {
      if (this.#goal === goal) this.#goal = undefined
    }
  }

  /** Plays when it pauses, and pauses when it plays. */
  toggle() {
    if (this.isPlaying) this.pause()
    else this.play()
  }

  play() {
    void this.#player.play()
  }

  pause() {
    void this.#player.pause()
  }

  /** @param {Pace} pace */
  async repace(pace) {
    const { position, isPlaying } = this
    this.#player.dispose()
    this.#set(false)
    this.#player = this.#create(pace, position)
    if (position > 0) await this.seek(position)
    if (isPlaying) await this.#player.play()
  }

  /**
   * Goes on with an outline that tells of more.
   *
   * @param {Outline} outline
   * @param {Pace} pace
   */
  async extend(outline, pace) {
    this.#outline = outline
    await this.repace(pace)
  }

  dispose() {
    this.#player.dispose()
  }

  /**
   * @param {Pace} pace
   * @param {number} from
   * @returns {Player}
   */
  #create({ speed, skipIdle }, from) {
    const { gaps, idleLimit, duration, size } = this.#outline
    this.#timeline = new Timeline(gaps, skipIdle ? idleLimit : Infinity)
    const query = `?size=${size}${skipIdle ? '&idle=skip' : ''}`
    const source = { driver: 'recording', format: 'segmented', url: `${this.#base}/index${query}` }
    const end = this.#timeline.toPlayed(duration)
    this.#poster = from > 0 ? undefined : end < SHORT ? 'last' : 'first'
    // What a short command printed is there at once; playing starts at the beginning. A poster stops before its time,
    // hence the second after the end. A jump needs none, and would only have to load its part.
    const first = this.#timeline.toPlayed(firstScreen(this.#outline))
    const poster = { poster: `npt:${this.#poster === 'last' ? end + 1 : first}` }
    const player = create(/** @type {Source} */ (source), this.#place, {
      fit: 'width',
      preload: from === 0,
      controls: this.#hasControls,
      theme: 'sallyport',
      speed,
      ...(this.#poster === undefined ? {} : poster),
    })
    player.addEventListener('playing', () => {
      this.#poster = undefined
      this.#set(true)
    })
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

/**
 * Returns when there is something to see: about a second after the first output, and still in the first part.
 *
 * @param {Outline} outline
 */
function firstScreen({ activity: { step, stdout, stderr }, parts: [, second = Infinity] }) {
  const bucket = stdout.findIndex((count, at) => count + (stderr[at] ?? 0) > 0)
  return Math.min(Math.max(0, bucket) * step + 1, second - 0.001)
}
