import { create } from '/vendor/asciinema-player/index.js'
import { Timeline, intervalsOf } from './timeline.js'

/** @import { Player } from '/vendor/asciinema-player/index.js' */
/** @import { Chapter } from './api-types' */

/** @typedef {{ speed: number, skipIdle: boolean }} Pace */

/** Longest idle stretch that is kept when idling is skipped, in seconds. */
const IDLE_LIMIT = 2
/** A cast shorter than this is shown by its last screen, in seconds. */
const SHORT = 10

/**
 * Shows one cast, and speaks recorded time to the rest of the page. Speed and idle limit are fixed
 * when a player is created, so a change of pace puts a new one in the old one's place.
 */
export class Replay {
  #place
  #cast
  #chapters
  #intervals
  /** @type {Timeline} */
  #timeline
  /** @type {Player} */
  #player

  /**
   * @param {HTMLElement} place
   * @param {string} cast with at least one event: the player refuses an empty one
   * @param {readonly Chapter[]} chapters of this channel, in order
   * @param {Pace} pace
   * @param {number} startAt seconds, recorded
   */
  constructor(place, cast, chapters, pace, startAt) {
    this.#place = place
    this.#cast = cast
    this.#chapters = chapters
    this.#intervals = intervalsOf(cast)
    this.#timeline = new Timeline(this.#intervals, Infinity)
    this.#player = this.#create(pace)
    if (startAt > 0) void this.seek(startAt)
  }

  /** Returns the position in seconds of recorded time. */
  get position() {
    return this.#timeline.toRecorded(this.#player.getCurrentTime())
  }

  /** @param {number} seconds recorded */
  async seek(seconds) {
    await this.#player.seek(this.#timeline.toPlayed(seconds))
  }

  /** @param {Pace} pace */
  repace(pace) {
    const position = this.position
    this.#player.dispose()
    this.#player = this.#create(pace)
    void this.seek(position)
  }

  dispose() {
    this.#player.dispose()
  }

  /**
   * @param {Pace} pace
   * @returns {Player}
   */
  #create({ speed, skipIdle }) {
    const timeline = new Timeline(this.#intervals, skipIdle ? IDLE_LIMIT : Infinity)
    this.#timeline = timeline
    /** @type {(chapter: Chapter) => [time: number, label: string]} */
    const mark = ({ offset, text }) => [timeline.toPlayed(offset), text]
    return create({ data: this.#cast }, this.#place, {
      fit: 'width',
      preload: true,
      controls: true,
      theme: 'sallyport',
      speed,
      // What a short command printed is there at once; playing starts at the beginning. A poster
      // stops before its time, hence the second after the end.
      poster: `npt:${timeline.end < SHORT ? timeline.end + 1 : 0}`,
      markers: this.#chapters.map(mark),
      ...(skipIdle ? { idleTimeLimit: IDLE_LIMIT } : {}),
    })
  }
}

/**
 * True when a cast has an event to show.
 *
 * @param {string} cast
 */
export function hasEvents(cast) {
  return /^\[/m.test(cast)
}
