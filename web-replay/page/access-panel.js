import { getJson } from './api.js'
import { el } from './dom.js'
import { timeElement } from './format.js'
import { tableOf } from './table.js'

/** @import { AccessRow } from './replay-types' */

/** @type {ReadonlyMap<string, string>} */
const WORDS = new Map([
  ['review.viewed', 'looked at'],
  ['review.followed', 'followed live'],
  ['review.raw-downloaded', 'downloaded the raw recording'],
  ['review.text-downloaded', 'downloaded the transcript'],
  ['review.text-searched', 'searched for'],
  ['review.end-asked', 'asked to end it'],
])

/** Who has watched, searched or downloaded this recording, as the server wrote it down. */
export class AccessPanel {
  element = el('div', { class: 'access-panel' }, el('p', { class: 'quiet' }, 'Loading…'))
  #path

  /** @param {{ path: string }} options */
  constructor({ path }) {
    this.#path = path
  }

  async load() {
    const answer = /** @type {{ accesses: readonly AccessRow[] }} */ (
      await getJson(`${this.#path}/accesses`)
    )
    const rows = answer.accesses.map((row) => ({
      class: row.event.includes('download') ? 'taken' : '',
      cells: [[timeElement(row.at)], [who(row)], what(row), [el('code', {}, row.clientAddress)]],
    }))
    const note = el(
      'p',
      { class: 'quiet' },
      'What one person looks at again within ten minutes is written down once.',
    )
    this.element.replaceChildren(tableOf('Access', ['When', 'Who', 'What', 'From'], rows), note)
  }
}

/** @param {AccessRow} row */
function who({ name, subject, issuer }) {
  return el('span', { title: `${subject} at ${issuer}` }, name)
}

/** @param {AccessRow} row */
function what({ event, part, channel, words }) {
  const text = WORDS.get(event) ?? event
  const where = channel === undefined ? '' : ` of channel ${channel}`
  if (words !== undefined) return [`${text} `, el('code', {}, words), where]
  return [part === undefined ? text : `${text} the ${part}`, where]
}
