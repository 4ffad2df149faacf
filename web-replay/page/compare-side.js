import { ChapterList, chapterOfCommand, withMarkers } from './chapters.js'
import { withDifferences } from './differences.js'
import { el } from './dom.js'
import { clock, duration, timeElement } from './format.js'
import { chip, exitChip, statusChip } from './outcome.js'
import { outlines } from './outline.js'
import { Replay } from './player.js'
import { Strip } from './strip.js'

/** @import { ChannelRow, Chapter, SessionDetail } from './api-types' */
/** @import { Outline } from './replay-types' */

/**
 * One of two sessions: who and where, a channel of it, and its commands. It is played by whoever made it.
 */
export class CompareSide {
  /** When its channel began on the common clock, in seconds. */
  begins = 0
  speed = 1
  /** @type {ChannelRow | undefined} */
  channel
  /** @type {Outline | undefined} */
  #outline
  /** @type {Replay | undefined} */
  #replay
  #detail
  #path
  #hearers
  #stage = el('div', { class: 'stage' })
  #preparing = el('p', { class: 'preparing', role: 'status', hidden: '' })
  #time = el('span', { class: 'quiet side-time' })
  #play = el('button', { type: 'button', class: 'side-play' }, 'Play')
  #state = el('span', { class: 'side-state' })
  #strip
  #list
  /** @type {readonly Chapter[]} */
  #chapters = []
  /** @type {readonly Chapter[]} */
  #others = []
  #opening = 0

  /**
   * @param {{
   *   name: string,
   *   detail: SessionDetail,
   *   onSeek: (seconds: number) => void,
   *   onPlaying: (isPlaying: boolean) => void,
   *   onChapters: () => void,
   * }} options
   */
  constructor({ name, detail, ...hearers }) {
    this.#detail = detail
    this.#path = `/api/sessions/${encodeURIComponent(detail.recording.id)}`
    this.#hearers = hearers
    this.#strip = new Strip({ onSeek: hearers.onSeek, label: `Position in session ${name}` })
    this.#list = new ChapterList({
      title: `Commands of ${name}`,
      showChannel: detail.channels.length > 1,
      onPick: (chapter) => void this.goTo(chapter),
    })
    this.#play.addEventListener('click', () => this.toggle())
    const tools = el('div', { class: 'side-tools' }, this.#play, this.#time, this.#state)
    const viewer = el('div', { class: 'panel viewer' }, this.#head(name), tools)
    viewer.append(this.#stage, this.#strip.element, this.#preparing)
    this.element = el('section', { class: 'side', 'aria-label': `Session ${name}` })
    this.element.append(viewer, this.#list.element)
    if (detail.channels[0] === undefined) this.#say('Nothing to replay: it opened no channel.')
  }

  get duration() {
    return this.#outline?.duration ?? 0
  }

  get position() {
    return this.#replay?.position ?? 0
  }

  get isPlaying() {
    return this.#replay?.isPlaying ?? false
  }

  get chapters() {
    return this.#chapters
  }

  /** Milliseconds since 1970 at which its channel began. */
  get startedAt() {
    return this.channel?.startedAt ?? this.#detail.recording.startedAt
  }

  play() {
    this.#replay?.play()
  }

  pause() {
    this.#replay?.pause()
  }

  toggle() {
    this.#replay?.toggle()
  }

  /** @param {number} seconds */
  seek(seconds) {
    this.#strip.follow(seconds)
    this.#replay?.seek(seconds).catch((error) => this.#fail(error))
  }

  /** @param {number} speed */
  setSpeed(speed) {
    this.speed = speed
    this.#replay?.repace({ speed, skipIdle: false }).catch((error) => this.#fail(error))
  }

  /** Goes to a command, in another channel if it must. @param {Pick<Chapter, 'channel' | 'offset'>} chapter */
  async goTo({ channel, offset }) {
    if (channel !== this.channel?.channel) await this.open(channel, offset)
    this.#hearers.onSeek(offset)
  }

  /** Shows a channel; the first one unless told. @param {number} [channel] @param {number} [from] */
  async open(channel, from = 0) {
    const { channels } = this.#detail
    const row = channels.find((each) => each.channel === channel) ?? channels[0]
    if (row === undefined) return
    this.#opening += 1
    const own = this.#opening
    this.channel = row
    this.#replay?.dispose()
    this.#replay = undefined
    this.#say('Loading…')
    this.#describe(row)
    const base = `${this.#path}/channels/${row.channel}`
    const rest = outlines(base, (done) => this.#tell(done))
    for (
      let next = await rest.next();
      !next.done && own === this.#opening;
      next = await rest.next()
    ) {
      const isShown = this.#replay !== undefined
      if (!isShown && next.value.preparing !== undefined && next.value.duration < from) continue
      if (isShown && next.value.preparing !== undefined) continue
      this.#take(row, base, next.value, from)
      if (!isShown) {
        void this.#follow(rest, row, base, own)
        return
      }
    }
  }

  focus() {
    this.#strip.element.focus()
  }

  /** Says which of its commands the other session has not. @param {readonly Chapter[]} others */
  compareWith(others) {
    this.#others = others
    this.#list.show(withDifferences(this.#chapters, others))
  }

  /** Shows how far it is; to be called several times a second. */
  follow() {
    if (this.channel === undefined || this.#replay === undefined) return
    this.#strip.follow(this.position)
    this.#list.follow(this.channel.channel, this.position)
    this.#time.textContent = `${clock(this.position)} of ${clock(this.duration)}`
    this.#play.textContent = this.isPlaying ? 'Pause' : 'Play'
  }

  /** @param {boolean} isAlone whether it is played by itself */
  setAlone(isAlone) {
    this.#play.hidden = !isAlone
  }

  /**
   * Takes what comes after the beginning.
   *
   * @param {AsyncGenerator<Outline, void, undefined>} rest
   * @param {ChannelRow} row
   * @param {string} base
   * @param {number} own
   */
  async #follow(rest, row, base, own) {
    for await (const next of rest) {
      if (own !== this.#opening) return
      if (next.preparing === undefined) this.#take(row, base, next, 0)
    }
  }

  /**
   * @param {ChannelRow} row
   * @param {string} base
   * @param {Outline} outline
   * @param {number} from
   */
  #take(row, base, outline, from) {
    this.#outline = outline
    this.#preparing.hidden = outline.preparing === undefined
    const commands = [...this.#detail.commands]
      .sort((a, b) => a.at - b.at)
      .map((command) => chapterOfCommand(command, this.#detail.channels))
    this.#chapters = withMarkers(commands, row.channel, outline.markers)
    this.compareWith(this.#others)
    this.#strip.element.hidden = outline.events === 0
    this.#strip.show(outline, this.#list.chaptersOf(row.channel))
    const pace = { speed: this.speed, skipIdle: false }
    if (outline.events === 0) this.#say('This channel printed nothing.')
    else if (this.#replay !== undefined) void this.#replay.extend(outline, pace)
    else {
      const { onPlaying } = this.#hearers
      this.#stage.replaceChildren()
      const place = this.#stage
      this.#replay = new Replay({ place, base, outline, pace, from, hasControls: false, onPlaying })
    }
    this.#hearers.onChapters()
  }

  /** @param {string} name */
  #head(name) {
    const { recording, channels } = this.#detail
    const { id, login, target, identity, startedAt, endedAt, denied } = recording
    const href = `/sessions/${encodeURIComponent(id)}`
    const title = el('h2', {}, chip('plain', name), ' ')
    title.append(el('a', { href }, login, el('span', { class: 'at' }, '@'), target))
    const facts = el('p', { class: 'quiet' }, identity, ' · ', timeElement(startedAt), ' · ')
    facts.append(duration((endedAt ?? Date.now()) - startedAt))
    const head = el('div', { class: 'side-head' }, title, facts)
    const chips = [statusChip(recording), denied > 0 ? chip('deny', `${denied} denied`) : undefined]
    title.append(...chips.filter((each) => each !== undefined))
    // Also with one channel alone: the two screens should be at the same height.
    if (channels.length > 0) head.append(this.#picker(name, channels))
    return head
  }

  /**
   * @param {string} name
   * @param {readonly ChannelRow[]} channels
   */
  #picker(name, channels) {
    const picker = el('select', { 'aria-label': `Channel of session ${name}` })
    for (const { channel, command, kind } of channels) {
      picker.append(el('option', { value: String(channel) }, `${channel} ${command ?? kind}`))
    }
    picker.disabled = channels.length === 1
    picker.addEventListener(
      'change',
      () => void this.goTo({ channel: Number(picker.value), offset: 0 }),
    )
    return picker
  }

  /** @param {ChannelRow} row */
  #describe(row) {
    const parts = [chip('plain', row.pty ? `${row.kind} with terminal` : row.kind), exitChip(row)]
    this.#state.replaceChildren(...parts.filter((part) => part !== undefined))
    const picker = this.element.querySelector('select')
    if (picker !== null) picker.value = String(row.channel)
  }

  /** @param {number} done */
  #tell(done) {
    const part = `${Math.round(done * 100)} %`
    if (this.#replay === undefined) this.#say(`Preparing this large recording: ${part}`)
    else this.#preparing.textContent = `The beginning; the rest is being prepared: ${part}`
  }

  /** @param {string} text */
  #say(text) {
    this.#stage.replaceChildren(el('p', { class: 'nothing', role: 'status' }, text))
  }

  /** @param {Error} error */
  #fail(error) {
    this.#replay?.dispose()
    this.#replay = undefined
    const words = el('p', { class: 'notice notice-deny', role: 'alert' }, error.message)
    this.#stage.replaceChildren(words)
  }
}
