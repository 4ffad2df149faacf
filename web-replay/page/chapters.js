import { el } from './dom.js'
import { clock } from './format.js'
import { chip, exitChip } from './outcome.js'

/** @import { CastMarker, ChannelRow, Chapter, CommandRow } from './api-types' */

/** @type {Readonly<Record<Chapter['effect'], readonly ['allow' | 'deny' | 'warn' | 'plain', string]>>} */
const EFFECTS = {
  allow: ['allow', 'allowed'],
  deny: ['deny', 'denied'],
  unjudged: ['warn', 'not judged'],
  marker: ['plain', 'marker'],
  gap: ['warn', 'gap'],
}

/**
 * @param {CommandRow} row
 * @param {readonly ChannelRow[]} channels
 * @returns {Chapter}
 */
export function chapterOfCommand(row, channels) {
  const effect = row.judged ? row.effect : 'unjudged'
  const parts = [row.rule === '' ? undefined : `rule ${row.rule}`, row.message]
  const note = parts.filter((part) => part !== undefined && part !== '').join(': ')
  const ran = channels.find(({ channel, kind }) => channel === row.channel && kind === 'exec')
  const { exitStatus, exitSignal } = (row.effect === 'allow' ? ran : undefined) ?? {}
  return {
    channel: row.channel,
    offset: row.offset,
    text: row.text,
    effect,
    note,
    ...(exitStatus === undefined ? {} : { exitStatus }),
    ...(exitSignal === undefined ? {} : { exitSignal }),
  }
}

/** @type {Readonly<Record<string, Chapter['effect']>>} */
const EFFECT_OF_MARKER = {
  allow: 'allow',
  deny: 'deny',
  'not-judged': 'unjudged',
  gap: 'gap',
  interrupted: 'gap',
}

/** A command and the marker that stands for it in the cast are this close, in seconds. */
const SAME_PLACE = 0.1

/**
 * Returns the commands of a session, and among those of `channel` the markers of its cast. A command
 * that only the cast knows is kept: the cast is the evidence, the catalog an index of it.
 *
 * @param {readonly Chapter[]} commands
 * @param {number} channel
 * @param {readonly CastMarker[]} markers
 * @returns {readonly Chapter[]}
 */
export function withMarkers(commands, channel, markers) {
  /** @type {Chapter[]} */
  const chapters = [...commands]
  for (const { time, label, kind } of markers) {
    const effect = EFFECT_OF_MARKER[kind] ?? 'marker'
    if (kind === 'exit' || isKnown(commands, channel, time, effect)) continue
    const later = chapters.findIndex((each) => each.channel === channel && each.offset > time)
    const last = chapters.findLastIndex((each) => each.channel === channel)
    const place = later === -1 ? last + 1 || chapters.length : later
    chapters.splice(place, 0, { channel, offset: time, text: label, effect })
  }
  return chapters
}

/**
 * @param {readonly Chapter[]} commands
 * @param {number} channel
 * @param {number} time
 * @param {Chapter['effect']} effect
 */
function isKnown(commands, channel, time, effect) {
  return commands.some(
    (each) =>
      each.channel === channel &&
      each.effect === effect &&
      Math.abs(each.offset - time) < SAME_PLACE,
  )
}

/**
 * The list of chapters beside the player: press one to go there. The denied ones can be seen alone.
 */
export class ChapterList {
  /** @type {readonly { chapter: Chapter, item: HTMLElement }[]} */
  #items = []
  /** @type {HTMLElement | undefined} */
  #current
  #list = el('ol', { class: 'chapters' })
  #count = el('span', { class: 'quiet' })
  #filter = el('input', { type: 'checkbox' })
  #filterLabel = el('label', { class: 'check' }, this.#filter, 'Denied only')
  #onPick
  #showChannel

  /**
   * @param {{
   *   onPick: (chapter: Chapter) => void,
   *   showChannel: boolean,
   *   title?: string,
   * }} options
   */
  constructor({ onPick, showChannel, title = 'Commands' }) {
    this.#onPick = onPick
    this.#showChannel = showChannel
    this.#filter.addEventListener('change', () => this.#applyFilter())
    const heading = el('div', { class: 'panel-head' }, el('h2', {}, title), this.#count)
    heading.append(this.#filterLabel)
    this.element = el('section', { class: 'panel', 'aria-label': title }, heading, this.#list)
  }

  /** @param {readonly Chapter[]} chapters in the order to show */
  show(chapters) {
    this.#current = undefined
    this.#items = chapters.map((chapter) => ({ chapter, item: this.#item(chapter) }))
    const denied = chapters.filter(({ effect }) => effect === 'deny').length
    const commands = chapters.filter(({ effect }) => effect !== 'marker' && effect !== 'gap').length
    this.#count.textContent = denied > 0 ? `${commands}, ${denied} denied` : String(commands)
    this.#filterLabel.hidden = denied === 0 || denied === chapters.length
    this.#list.replaceChildren(...this.#items.map(({ item }) => item))
    if (chapters.length === 0) {
      this.#list.replaceChildren(el('li', { class: 'none quiet' }, 'No commands were recorded.'))
    }
    this.#applyFilter()
  }

  /**
   * @param {number} channel
   * @returns {readonly Chapter[]}
   */
  chaptersOf(channel) {
    return this.#items.map(({ chapter }) => chapter).filter((each) => each.channel === channel)
  }

  /**
   * Marks the chapter that is being shown.
   *
   * @param {number} channel
   * @param {number} seconds
   */
  follow(channel, seconds) {
    const reached = this.#items.filter(
      ({ chapter }) => chapter.channel === channel && chapter.offset <= seconds + 0.05,
    )
    const current = reached.at(-1)?.item
    if (current === this.#current) return
    this.#current?.removeAttribute('aria-current')
    this.#current = current
    current?.setAttribute('aria-current', 'true')
    if (current !== undefined) this.#scrollTo(current)
  }

  /**
   * Moves the list and never the page, which the reviewer may be reading elsewhere.
   *
   * @param {HTMLElement} item
   */
  #scrollTo(item) {
    const { scrollTop, clientHeight } = this.#list
    const top = item.offsetTop - this.#list.offsetTop
    if (top >= scrollTop && top + item.offsetHeight <= scrollTop + clientHeight) return
    this.#list.scrollTop = top - clientHeight / 3
  }

  #applyFilter() {
    for (const { chapter, item } of this.#items) {
      item.hidden = this.#filter.checked && chapter.effect !== 'deny'
    }
  }

  /**
   * Returns the chapter that is the next one, or the one before; of those denied alone with `denied`.
   *
   * @param {number} channel
   * @param {number} seconds
   * @param {-1 | 1} step
   * @param {boolean} denied
   * @returns {Chapter | undefined}
   */
  beside(channel, seconds, step, denied) {
    const chapters = this.#items
      .map(({ chapter }) => chapter)
      .filter(({ effect }) => !denied || effect === 'deny')
    // One that was just gone to is the current one, and not the next.
    const isBefore = (/** @type {Chapter} */ each) =>
      each.channel < channel || (each.channel === channel && each.offset < seconds - 0.5)
    const isAfter = (/** @type {Chapter} */ each) =>
      each.channel > channel || (each.channel === channel && each.offset > seconds + 0.05)
    return step < 0 ? chapters.findLast(isBefore) : chapters.find(isAfter)
  }

  /** @param {Chapter} chapter */
  #item(chapter) {
    const [kind, word] = EFFECTS[chapter.effect]
    const place = el('span', { class: 'chapter-time' }, clock(chapter.offset))
    const facts = el('span', { class: 'chapter-facts' }, place, chip(kind, word))
    const exit = exitChip(chapter)
    if (exit !== undefined) facts.append(exit)
    if (chapter.remark !== undefined) facts.append(chip('plain', chapter.remark))
    if (this.#showChannel)
      facts.append(el('span', { class: 'quiet' }, `channel ${chapter.channel}`))
    const button = el('button', { type: 'button' }, facts, el('code', {}, chapter.text))
    if (chapter.note) button.append(el('span', { class: 'chapter-note' }, chapter.note))
    button.addEventListener('click', () => this.#onPick(chapter))
    return el('li', { class: `chapter chapter-${chapter.effect}` }, button)
  }
}
