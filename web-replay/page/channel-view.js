import { el } from './dom.js'
import { byteCount } from './format.js'
import { chip, exitChip } from './outcome.js'
import { Replay, hasEvents } from './player.js'

/** @import { ChannelRow, Chapter } from './api-types' */
/** @import { Pace } from './player.js' */

/** Chromium gives up on longer text, and a tab on less. */
const LARGEST_CAST = 256_000_000

/**
 * One channel at a time: the picker, the player with its pace, and what there is to say about it.
 */
export class ChannelView {
  /** @type {(channel: number) => void} called when the reviewer picks another channel */
  onChannel = () => {}
  /** @type {number | undefined} */
  channel
  /** @type {Replay | undefined} */
  #replay
  /** @type {Pace} */
  #pace = { speed: 1, skipIdle: false }
  #channels
  #path
  #isRunning
  #mayDownload
  #picker = el('div', { class: 'picker', role: 'group', 'aria-label': 'Channels' })
  #about = el('div', { class: 'about' })
  #stage = el('div', { class: 'stage' })
  #notes = el('div', { class: 'notes' })

  /**
   * @param {{
   *   channels: readonly ChannelRow[],
   *   path: string,
   *   isRunning: boolean,
   *   mayDownload: boolean,
   * }} options
   */
  constructor({ channels, path, isRunning, mayDownload }) {
    this.#channels = channels
    this.#path = path
    this.#isRunning = isRunning
    this.#mayDownload = mayDownload
    const head = el('div', { class: 'panel-head' }, this.#about, this.#paceControls())
    const children = channels.length > 1 ? [this.#picker, head] : [head]
    this.element = el(
      'section',
      { class: 'panel viewer', 'aria-label': 'Replay' },
      ...children,
      this.#stage,
      this.#notes,
    )
    if (channels.length === 0) {
      head.hidden = true
      this.#say('This connection ended before it opened a channel, so there is nothing to replay.')
    }
  }

  /** Returns the position in seconds of recorded time, or undefined when nothing plays. */
  get position() {
    return this.#replay?.position
  }

  /**
   * @param {number} channel
   * @param {string} cast
   * @param {readonly Chapter[]} chapters
   */
  show(channel, cast, chapters) {
    this.channel = channel
    this.#clear()
    const row = this.#channels.find((each) => each.channel === channel)
    if (row !== undefined) this.#describe(row)
    this.#showPicker()
    if (cast.length > LARGEST_CAST) {
      this.#say('This recording is too large to replay in a browser. Download it instead.')
    } else if (hasEvents(cast)) {
      this.#replay = new Replay(this.#stage, cast, chapters, this.#pace, 0)
    } else {
      this.#say('This channel printed nothing.')
    }
  }

  /** @param {number} seconds recorded */
  async seek(seconds) {
    await this.#replay?.seek(seconds)
  }

  /** @param {Error} error */
  fail(error) {
    this.#clear()
    this.#stage.replaceChildren(
      el('p', { class: 'notice notice-deny', role: 'alert' }, error.message),
    )
  }

  #clear() {
    this.#replay?.dispose()
    this.#replay = undefined
    this.#stage.replaceChildren()
    this.#notes.replaceChildren()
  }

  /** @param {ChannelRow} row */
  #describe(row) {
    const parts = [chip('plain', row.pty ? `${row.kind} with terminal` : row.kind), exitChip(row)]
    if (row.command !== undefined) {
      parts.push(el('code', { class: 'command', title: row.command }, row.command))
    }
    this.#about.replaceChildren(...parts.filter((part) => part !== undefined))
    const size = `${byteCount(row.bytes)} of output`
    const raw = { href: `${this.#path}/channels/${row.channel}/raw`, download: '' }
    const download = el('a', raw, 'Download the raw recording')
    const line = this.#mayDownload ? [download, ` (${size})`] : [size]
    this.#notes.append(el('p', { class: 'quiet' }, ...line))
    if (row.truncated) {
      this.#note('The recording limit was reached: what is left out was counted and digested.')
    }
    if (this.#isRunning) {
      this.#note('Still running: this is what was recorded so far. Reload the page for more.')
    }
  }

  /** @param {string} text */
  #note(text) {
    this.#notes.append(el('p', { class: 'notice' }, text))
  }

  /** @param {string} text */
  #say(text) {
    this.#stage.replaceChildren(el('p', { class: 'nothing' }, text))
  }

  #showPicker() {
    const buttons = this.#channels.map((row) => {
      const isShown = row.channel === this.channel
      const button = el(
        'button',
        { type: 'button', 'aria-pressed': String(isShown) },
        el('span', { class: 'quiet' }, `${row.channel} `),
        row.command ?? row.kind,
      )
      button.addEventListener('click', () => this.onChannel(row.channel))
      return button
    })
    this.#picker.replaceChildren(...buttons)
  }

  #paceControls() {
    const speed = el('select', {})
    for (const value of ['0.5', '1', '2', '4', '8']) {
      speed.append(el('option', { value, ...(value === '1' ? { selected: '' } : {}) }, `${value}×`))
    }
    const skipIdle = el('input', { type: 'checkbox' })
    const apply = () => {
      this.#pace = { speed: Number(speed.value), skipIdle: skipIdle.checked }
      this.#replay?.repace(this.#pace)
    }
    speed.addEventListener('change', apply)
    skipIdle.addEventListener('change', apply)
    return el(
      'div',
      { class: 'pace' },
      el('label', { class: 'check' }, 'Speed', speed),
      el('label', { class: 'check' }, skipIdle, 'Skip idle'),
    )
  }
}
