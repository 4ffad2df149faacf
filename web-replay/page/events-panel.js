import { getJson } from './api.js'
import { el } from './dom.js'
import { timeElement } from './format.js'
import { chip } from './outcome.js'
import { tableOf } from './table.js'

/** @import { ChannelRow, CommandRow } from './api-types' */
/** @import { EventRow, Marker } from './replay-types' */

/** @typedef {{ at: number, what: Node | string, detail: readonly (Node | string)[], class: string }} Happening */

/** What happened in a connection, in order: who came in, what was asked and decided, what was forwarded, how it ended. */
export class EventsPanel {
  element = el('div', { class: 'events-panel' }, el('p', { class: 'quiet' }, 'Loading…'))
  #path

  /** @param {{ path: string }} options */
  constructor({ path }) {
    this.#path = path
  }

  /**
   * @param {readonly CommandRow[]} commands
   * @param {ChannelRow | undefined} channel whose markers are shown too
   * @param {readonly Marker[]} markers
   */
  async load(commands, channel, markers) {
    const answer = /** @type {{ events: readonly EventRow[], more: boolean }} */ (
      await getJson(`${this.#path}/events`)
    )
    const started = channel?.startedAt ?? 0
    const happenings = [
      ...answer.events.map(ofEvent),
      ...commands.map(ofCommand),
      ...markers
        .filter(({ kind }) => kind === 'marker' || kind === 'gap' || kind === 'interrupted')
        .map((marker) => ofMarker(marker, started)),
    ].sort((a, b) => a.at - b.at)
    const rows = happenings.map(({ at, what, detail, class: name }) => ({
      class: name,
      cells: [[timeElement(at)], [what], detail],
    }))
    const table = tableOf('Events', ['When', 'What', 'Detail'], rows)
    const more = answer.more ? [el('p', { class: 'quiet' }, 'There are more than are shown.')] : []
    this.element.replaceChildren(table, ...more)
  }
}

/**
 * @param {EventRow} event
 * @returns {Happening}
 */
function ofEvent({ at, name, detail }) {
  const isRefusal = isRecord(detail) && detail['effect'] === 'deny'
  return { at, what: name, detail: facts(detail), class: isRefusal ? 'refused' : '' }
}

/**
 * @param {CommandRow} row
 * @returns {Happening}
 */
function ofCommand(row) {
  const kind = row.effect === 'deny' ? 'deny' : row.judged ? 'allow' : 'warn'
  const word = row.effect === 'deny' ? 'denied' : row.judged ? 'allowed' : 'not judged'
  const rule = row.rule === '' ? '' : ` by rule ${row.rule}`
  const message = row.message ? `: ${row.message}` : ''
  return {
    at: row.at,
    what: chip(kind, word),
    detail: [el('code', {}, row.text), el('span', { class: 'quiet' }, `${rule}${message}`)],
    class: row.effect === 'deny' ? 'refused' : '',
  }
}

/**
 * @param {Marker} marker
 * @param {number} started
 * @returns {Happening}
 */
function ofMarker({ time, label, detail }, started) {
  return { at: started + time * 1000, what: label, detail: facts(detail), class: '' }
}

/**
 * @param {unknown} detail
 * @returns {readonly Node[]}
 */
function facts(detail) {
  if (!isRecord(detail)) return []
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      return el('span', { class: 'pair' }, el('span', { class: 'quiet' }, `${name} `), text)
    })
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isRecord(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
