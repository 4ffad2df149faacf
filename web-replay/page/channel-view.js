import { el } from './dom.js'
import { byteCount } from './format.js'
import { Following } from './following.js'
import { chip, exitChip } from './outcome.js'
import { Replay } from './player.js'
import { Strip } from './strip.js'

/** @import { ChannelRow, Chapter } from './api-types' */
/** @import { Marker, Outline } from './replay-types' */
/** @import { Pace } from './player.js' */

const SPEEDS = [0.5, 1, 2, 4, 8, 16]

/**
 * One channel at a time: the picker, the player with its pace, its strip, and what there is to say about it.
 */
export class ChannelView {
  /** @type {number | undefined} */
  channel
  /** @type {Replay | undefined} */
  #replay
  /** @type {Following | undefined} */
  #following
  /** @type {Pace} */
  #pace = { speed: 1, skipIdle: false }
  #channels
  #hearers
  #mayDownload
  #path
  #picker = el('div', { class: 'picker', role: 'group', 'aria-label': 'Channels' })
  #about = el('div', { class: 'about' })
  #stage = el('div', { class: 'stage' })
  #notes = el('div', { class: 'notes' })
  #speed = el('select', {})
  #skipIdle = el('input', { type: 'checkbox' })
  #pacing = this.#paceControls()
  #live = el('span', { class: 'chip chip-live', role: 'status' })
  #preparing = el('p', { class: 'preparing', role: 'status', hidden: '' })
  #toggleLive = el('button', { type: 'button' })
  #strip

  /**
   * @param {{
   *   channels: readonly ChannelRow[],
   *   path: string,
   *   mayDownload: boolean,
   *   onChannel: (channel: number) => void,
   *   onSeek: (seconds: number) => void,
   *   onPlaying: (isPlaying: boolean) => void,
   *   onLive: (isLive: boolean) => void,
   * }} options
   */
  constructor({ channels, path, mayDownload, ...hearers }) {
    this.#channels = channels
    this.#path = path
    this.#mayDownload = mayDownload
    this.#hearers = hearers
    this.#strip = new Strip({ onSeek: hearers.onSeek })
    this.#toggleLive.addEventListener('click', () => hearers.onLive(this.#following === undefined))
    const state = el('div', { class: 'live-state' }, this.#live, this.#toggleLive)
    const head = el('div', { class: 'panel-head' }, this.#about, state, this.#pacing)
    const children = channels.length > 1 ? [this.#picker, head] : [head]
    children.push(this.#stage, this.#strip.element, this.#preparing, this.#notes)
    this.element = el('section', { class: 'panel viewer', 'aria-label': 'Replay' }, ...children)
    if (channels.length > 0) return
    head.hidden = true
    this.#strip.element.hidden = true
    this.#say('This connection ended before it opened a channel, so there is nothing to replay.')
  }

  /** Returns the position in seconds of recorded time, or undefined when nothing is shown. */
  get position() {
    return this.#replay?.position ?? this.#following?.position
  }

  /** Resolves when the screen is there, or none is to come. */
  get ready() {
    return this.#replay?.ready ?? Promise.resolve()
  }

  get isFollowing() {
    return this.#following !== undefined
  }

  /** Empties the stage for a channel whose outline is on its way. @param {ChannelRow} row */
  begin(row) {
    this.channel = row.channel
    this.#clear()
    this.#describe(row)
    this.#showPicker()
  }

  /** @param {number} done how much was gone through, from 0 to 1 */
  prepare(done) {
    const part = `${Math.round(done * 100)} %`
    if (this.#replay === undefined) this.#say(`Preparing this large recording: ${part}`)
    else this.#preparing.textContent = `The beginning; the rest is being prepared: ${part}`
  }

  /**
   * Goes on with an outline that tells of more, at the same moment.
   *
   * @param {Outline} outline
   * @param {readonly Chapter[]} chapters
   */
  extend(outline, chapters) {
    this.#preparing.hidden = outline.preparing === undefined
    const position = this.position ?? 0
    this.#strip.show(outline, chapters)
    this.#strip.follow(position)
    this.#note(outline.problems)
    void this.#replay?.extend(outline, this.#pace)
  }

  /**
   * @param {ChannelRow} row
   * @param {Outline} outline
   * @param {readonly Chapter[]} chapters
   * @param {number} [from] where to begin, in seconds
   */
  show(row, outline, chapters, from = 0) {
    const isRunning = row.endedAt === undefined && this.#isRunning
    this.#preparing.hidden = outline.preparing === undefined
    if (outline.preparing === undefined) this.#note(outline.problems)
    this.#live.hidden = true
    this.#toggleLive.hidden = !isRunning
    this.#toggleLive.textContent = 'Follow live'
    this.#pacing.hidden = false
    this.#strip.element.hidden = outline.events === 0
    if (outline.events === 0) {
      this.#say('This channel printed nothing.')
      return
    }
    this.#stage.replaceChildren()
    const base = `${this.#path}/channels/${row.channel}`
    const { onPlaying } = this.#hearers
    const place = this.#stage
    this.#replay = new Replay({ place, base, outline, pace: this.#pace, from, onPlaying })
    this.#strip.show(outline, chapters)
    this.#strip.follow(from)
  }

  /**
   * Shows the channel while it runs.
   *
   * @param {ChannelRow} row
   * @param {{ onMarker: (marker: Marker) => void, onChannels: () => void, onDone: () => void }} hearers
   */
  follow(row, hearers) {
    this.begin(row)
    this.#live.hidden = false
    this.#toggleLive.hidden = false
    this.#toggleLive.textContent = 'Replay so far'
    this.#pacing.hidden = true
    this.#strip.element.hidden = true
    const base = `${this.#path}/channels/${row.channel}`
    const onState = (/** @type {string} */ words) => {
      this.#live.textContent = words
    }
    this.#following = new Following(this.#stage, base, { onState, ...hearers })
  }

  /** Says whether the connection of these channels still runs. @param {boolean} isRunning */
  setRunning(isRunning) {
    this.#isRunning = isRunning
  }
  #isRunning = false

  /** @param {readonly ChannelRow[]} channels */
  setChannels(channels) {
    this.#channels = channels
    if (channels.length > 1 && !this.#picker.isConnected) this.element.prepend(this.#picker)
    this.#showPicker()
  }

  /** @param {number} seconds recorded */
  async seek(seconds) {
    this.#strip.follow(seconds)
    await this.#replay?.seek(seconds)
  }

  /** @param {number} seconds */
  mark(seconds) {
    this.#strip.follow(seconds)
  }

  togglePlaying() {
    this.#replay?.toggle()
  }

  /** @param {-1 | 1} step to the next slower or faster speed */
  changeSpeed(step) {
    const index = SPEEDS.indexOf(this.#pace.speed) + step
    const speed = SPEEDS[index]
    if (speed === undefined) return
    this.#speed.value = String(speed)
    this.#applyPace()
  }

  toggleIdle() {
    this.#skipIdle.checked = !this.#skipIdle.checked
    this.#applyPace()
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
    this.#following?.dispose()
    this.#replay = undefined
    this.#following = undefined
    this.#stage.replaceChildren()
    this.#notes.replaceChildren()
    this.#preparing.hidden = true
  }

  /** @param {ChannelRow} row */
  #describe(row) {
    const parts = [chip('plain', row.pty ? `${row.kind} with terminal` : row.kind), exitChip(row)]
    if (row.command !== undefined) {
      parts.push(el('code', { class: 'command', title: row.command }, row.command))
    }
    this.#about.replaceChildren(...parts.filter((part) => part !== undefined))
    const base = `${this.#path}/channels/${row.channel}`
    const size = `${byteCount(row.bytes)} of output`
    const download = el('a', { href: `${base}/raw`, download: '' }, 'Download the raw recording')
    const line = el(
      'p',
      { class: 'quiet' },
      ...(this.#mayDownload ? [download, ` (${size})`] : [size]),
    )
    if (!row.pty) line.append('. Standard error is ', el('span', { class: 'stderr' }, 'red'), '.')
    this.#notes.append(line)
    if (row.truncated) {
      this.#note(['The recording limit was reached: what is left out was counted and digested.'])
    }
  }

  /** @param {readonly string[]} sentences */
  #note(sentences) {
    for (const sentence of sentences) {
      const words = `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`
      this.#notes.append(el('p', { class: 'notice' }, words.endsWith('.') ? words : `${words}.`))
    }
  }

  /** @param {string} text */
  #say(text) {
    this.#stage.replaceChildren(el('p', { class: 'nothing', role: 'status' }, text))
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
      button.addEventListener('click', () => this.#hearers.onChannel(row.channel))
      return button
    })
    this.#picker.replaceChildren(...buttons)
  }

  #applyPace() {
    this.#pace = { speed: Number(this.#speed.value), skipIdle: this.#skipIdle.checked }
    void this.#replay?.repace(this.#pace)
  }

  #paceControls() {
    for (const value of SPEEDS) {
      const selected = value === 1 ? { selected: '' } : {}
      this.#speed.append(el('option', { value: String(value), ...selected }, `${value}×`))
    }
    this.#speed.addEventListener('change', () => this.#applyPace())
    this.#skipIdle.addEventListener('change', () => this.#applyPace())
    return el(
      'div',
      { class: 'pace' },
      el('label', { class: 'check' }, 'Speed', this.#speed),
      el('label', { class: 'check' }, this.#skipIdle, 'Skip idle'),
    )
  }
}
