import { el } from './dom.js'
import { clock } from './format.js'

/** @import { Chapter } from './api-types' */
/** @import { Outline } from './replay-types' */

const WIDTH = 1000
const HEIGHT = 40
/** A narrower idle stretch cannot be seen, and there may be many. */
const THINNEST = 0.5
const SVG = 'http://www.w3.org/2000/svg'

/**
 * The whole channel at a glance: how much came when, where nothing did, and where a decision fell. Pressing it, or its
 * arrow keys, go there.
 */
export class Strip {
  element = el('div', { class: 'strip', role: 'slider', tabindex: '0', 'aria-valuemin': '0' })
  #cursor = svg('line', { class: 'strip-cursor', y1: '0', y2: String(HEIGHT) })
  #duration = 0
  #position = 0
  #onSeek

  /** @param {{ onSeek: (seconds: number) => void, label?: string }} options */
  constructor({ onSeek, label = 'Position in the recording' }) {
    this.element.setAttribute('aria-label', label)
    this.#onSeek = onSeek
    this.element.addEventListener('pointerdown', (event) => this.#press(event))
    this.element.addEventListener('pointermove', (event) => {
      if (event.buttons === 1) this.#press(event)
    })
    this.element.addEventListener('keydown', (event) => this.#key(event))
  }

  /**
   * @param {Outline} outline
   * @param {readonly Chapter[]} chapters of this channel
   */
  show(outline, chapters) {
    this.#duration = outline.duration
    const view = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none' }
    const picture = svg('svg', { ...view, 'aria-hidden': 'true' })
    for (const [start, length] of outline.gaps) {
      if (this.#x(length) < THINNEST) continue
      const place = { x: this.#x(start), width: this.#x(length), y: 0, height: HEIGHT }
      picture.append(svg('rect', { class: 'strip-idle', ...texts(place) }))
    }
    picture.append(...this.#bars(outline))
    for (const { offset, effect } of chapters) {
      const x = String(this.#x(offset))
      const y1 = effect === 'deny' ? '0' : String(HEIGHT * 0.6)
      picture.append(
        svg('line', { class: `strip-${effect}`, x1: x, x2: x, y1, y2: String(HEIGHT) }),
      )
    }
    picture.append(this.#cursor)
    this.element.replaceChildren(picture)
    this.element.setAttribute('aria-valuemax', outline.duration.toFixed(1))
    this.follow(0)
  }

  /** @param {number} seconds */
  follow(seconds) {
    this.#position = seconds
    const x = String(this.#x(seconds))
    this.#cursor.setAttribute('x1', x)
    this.#cursor.setAttribute('x2', x)
    this.element.setAttribute('aria-valuenow', seconds.toFixed(1))
    const words = `${clock(seconds)} of ${clock(this.#duration)}`
    if (this.element.getAttribute('aria-valuetext') !== words) {
      this.element.setAttribute('aria-valuetext', words)
    }
  }

  /** @param {number} seconds */
  #x(seconds) {
    return this.#duration === 0 ? 0 : Math.min(1, seconds / this.#duration) * WIDTH
  }

  /** @param {Outline} outline */
  #bars({ activity: { step, stdout, stderr } }) {
    const most = Math.log1p(Math.max(1, ...stdout.map((count, at) => count + (stderr[at] ?? 0))))
    const height = (/** @type {number} */ count) => (Math.log1p(count) / most) * (HEIGHT - 4)
    const width = Math.max(2, this.#x(step))
    return stdout.flatMap((count, at) => {
      const errors = stderr[at] ?? 0
      if (count + errors === 0) return []
      const whole = Math.max(3, height(count + errors))
      const x = this.#x(at * step)
      const bar = { x, width, y: HEIGHT - whole, height: whole }
      const out = svg('rect', { class: 'strip-out', ...texts(bar) })
      if (errors === 0) return [out]
      const part = Math.max(3, (whole * errors) / (count + errors))
      const error = { x, width, y: HEIGHT - whole, height: part }
      return [out, svg('rect', { class: 'strip-err', ...texts(error) })]
    })
  }

  /** @param {PointerEvent} event */
  #press(event) {
    const { left, width } = this.element.getBoundingClientRect()
    const part = Math.min(1, Math.max(0, (event.clientX - left) / width))
    this.#onSeek(part * this.#duration)
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === 'Home') this.#onSeek(0)
    else if (event.key === 'End') this.#onSeek(this.#duration)
    else if (event.key === 'PageUp') this.#onSeek(this.#position - this.#duration / 10)
    else if (event.key === 'PageDown') this.#onSeek(this.#position + this.#duration / 10)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
}

/**
 * @param {string} name
 * @param {Readonly<Record<string, string>>} attributes
 */
function svg(name, attributes) {
  const element = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  return element
}

/** @param {Readonly<Record<string, number>>} numbers */
function texts(numbers) {
  return Object.fromEntries(Object.entries(numbers).map(([key, value]) => [key, String(value)]))
}
