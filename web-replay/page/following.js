import { create } from '../vendor/asciinema-player/index.js'

/** @import { Player, Source } from '../vendor/asciinema-player/index.js' */
/** @import { Marker, Screen } from './replay-types' */

/**
 * @typedef {{
 *   onState: (words: string) => void,
 *   onMarker: (marker: Marker) => void,
 *   onChannels: () => void,
 *   onDone: () => void,
 * }} Hearers
 */

/**
 * Shows a channel while it runs: an event stream on one side, the player's terminal on the other, and nothing that
 * could hold output back between them.
 */
export class Following {
  /** @type {Player} */
  #player
  /** @type {EventSource} */
  #source
  /** @type {((name: string, detail?: unknown) => void) | undefined} */
  #dispatch
  /** @type {(() => void)[]} what came before the terminal was ready */
  #early = []
  /** Seconds of the last output. */
  position = 0

  /**
   * @param {HTMLElement} place
   * @param {string} base address of the channel in the API
   * @param {Hearers} hearers
   */
  constructor(place, base, hearers) {
    const driver = (/** @type {{ dispatch: (name: string, detail?: unknown) => void }} */ host) => {
      this.#dispatch = host.dispatch
      return {
        play: () => {
          host.dispatch('play')
          for (const say of this.#early.splice(0)) say()
          return true
        },
        stop: () => undefined,
        getTiming: () => ({ time: this.position, rate: 0, sampledAt: Date.now() }),
      }
    }
    this.#player = create(/** @type {Source} */ (/** @type {unknown} */ (driver)), place, {
      fit: 'width',
      autoPlay: true,
      controls: false,
      theme: 'sallyport',
    })
    this.#source = this.#listen(base, hearers)
  }

  dispose() {
    this.#source.close()
    this.#player.dispose()
  }

  /**
   * @param {string} base
   * @param {Hearers} hearers
   */
  #listen(base, { onState, onMarker, onChannels, onDone }) {
    const source = new EventSource(`${base}/live`)
    /** @type {(name: string, take: (data: any) => void) => void} */
    const on = (name, take) =>
      source.addEventListener(name, (event) => take(JSON.parse(event.data)))
    onState('joining…')
    on('screen', (/** @type {Screen} */ screen) => {
      onState(screen.skipped > 0 ? 'live, from the last output on' : 'live')
      this.#show(screen)
    })
    on('output', (/** @type {{ events: readonly [number, string, string][] }} */ { events }) => {
      for (const event of events) this.#print(event)
    })
    on('marker', (/** @type {{ time: number, label: string, of: string }} */ { time, label, of }) =>
      onMarker({ time, label, kind: of }),
    )
    on('channels', () => onChannels())
    on('done', () => {
      source.close()
      onState('ended')
      onDone()
    })
    source.addEventListener('error', () => {
      // An answer without a stream: it had ended before this page asked.
      if (source.readyState === EventSource.CLOSED) onDone()
      else onState('not live, joining again…')
    })
    return source
  }

  /** @param {Screen} screen */
  #show({ time, cols, rows, text }) {
    this.position = time
    this.#say('reset', { size: { cols, rows }, init: text })
    this.#say('playing')
  }

  /** @param {readonly [time: number, code: string, text: string]} event */
  #print([time, code, text]) {
    this.position = time
    if (code === 'o') this.#say('output', text)
    if (code !== 'r') return
    const [cols, rows] = text.split('x').map(Number)
    this.#say('resize', { cols, rows })
  }

  /**
   * @param {string} name
   * @param {unknown} [detail]
   */
  #say(name, detail) {
    const dispatch = this.#dispatch
    if (dispatch === undefined) this.#early.push(() => this.#dispatch?.(name, detail))
    else dispatch(name, detail)
  }
}
