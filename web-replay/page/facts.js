import { el } from './dom.js'
import { byteCount, counted, duration, timeElement } from './format.js'
import { chip, statusChip } from './outcome.js'

/** @import { SessionDetail } from './api-types' */

/**
 * Returns who, where, when and how, and the claims the identity was made from.
 *
 * @param {SessionDetail} detail
 */
export function sessionFacts({ recording, channels }) {
  const title = el('h1', {}, recording.login, el('span', { class: 'at' }, '@'), recording.target)
  const heading = el('div', { class: 'heading' }, title)
  const status = statusChip(recording)
  if (status !== undefined) heading.append(status)
  if (recording.denied > 0) heading.append(chip('deny', `${recording.denied} denied`))
  const facts = el(
    'dl',
    { class: 'facts' },
    fact('Identity', recording.identity),
    fact('Started', timeElement(recording.startedAt)),
    fact('Duration', duration((recording.endedAt ?? Date.now()) - recording.startedAt)),
    fact('Came from', el('code', {}, recording.clientAddress)),
    fact('Entry', el('code', {}, recording.entry)),
    fact('Recorded', `${byteCount(recording.bytes)} in ${counted(channels.length, 'channel')}`),
  )
  return el('div', {}, heading, facts, claims(recording))
}

/** @param {SessionDetail['recording']} recording */
function claims(recording) {
  const rows = Object.entries(recording.claims ?? {}).map(([name, value]) =>
    fact(name, el('code', {}, typeof value === 'string' ? value : JSON.stringify(value))),
  )
  return el(
    'details',
    { class: 'claims' },
    el('summary', {}, 'Identity and claims'),
    el(
      'dl',
      { class: 'facts' },
      fact('Issuer', el('code', {}, recording.issuer)),
      fact('Subject', el('code', {}, recording.subject)),
      ...rows,
    ),
  )
}

/**
 * @param {string} name
 * @param {Node | string} value
 */
function fact(name, value) {
  return el('div', {}, el('dt', {}, name), el('dd', {}, value))
}
