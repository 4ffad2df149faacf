import { getJson } from './api.js'
import { byId, el } from './dom.js'
import { byteCount, counted, duration, timeElement } from './format.js'
import { chip, exitChip, statusChip } from './outcome.js'

/** @import { SessionPage, SessionRow } from './api-types' */

const COLUMNS = ['Started', 'Identity', 'Target', 'Activity', 'Decisions', 'Result', 'Duration']
const PAGE_SIZE = 50

const before = new URLSearchParams(location.search).get('before')

show().catch((/** @type {Error} */ error) => {
  byId('sessions').replaceChildren(
    el('p', { class: 'notice notice-deny', role: 'alert' }, error.message),
  )
})

async function show() {
  const query = new URLSearchParams({ limit: String(PAGE_SIZE) })
  if (before !== null) query.set('before', before)
  const page = /** @type {SessionPage} */ (await getJson(`/api/sessions?${query}`))
  const place = byId('sessions')
  if (page.rows.length === 0) {
    place.replaceChildren(emptyState())
    return
  }
  const running = page.rows.filter((row) => row.status === 'running').length
  byId('count').textContent =
    `${counted(page.rows.length, 'session')} on this page` +
    (running > 0 ? `, ${running} running` : '')
  place.replaceChildren(table(page.rows), pager(page.next))
}

/** @param {readonly SessionRow[]} rows */
function table(rows) {
  const head = COLUMNS.map((name) => el('th', { scope: 'col', role: 'columnheader' }, name))
  return el(
    'table',
    { class: 'sessions', role: 'table' },
    el('caption', { class: 'unseen' }, 'Recorded sessions, newest first'),
    el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' }, ...head)),
    el('tbody', { role: 'rowgroup' }, ...rows.map(tableRow)),
  )
}

/** @param {SessionRow} row */
function tableRow(row) {
  const link = el(
    'a',
    { href: `/sessions/${encodeURIComponent(row.id)}` },
    timeElement(row.startedAt),
  )
  const cells = [
    cell('started', link),
    cell('identity', el('span', { title: `${row.subject} at ${row.issuer}` }, row.identity)),
    cell('target', row.login, el('span', { class: 'at' }, '@'), row.target),
    cell('activity', ...activity(row)),
    cell('decisions', ...decisions(row)),
    cell('result', ...result(row)),
    cell('duration', duration((row.endedAt ?? Date.now()) - row.startedAt)),
  ]
  return el('tr', { role: 'row', class: row.denied > 0 ? 'has-denied' : '' }, ...cells)
}

/**
 * @param {string} name
 * @param {readonly (Node | string)[]} children
 */
function cell(name, ...children) {
  return el('td', { class: name, role: 'cell' }, ...children)
}

/** @param {SessionRow} row */
function activity(row) {
  const first = row.firstChannel
  if (first?.command !== undefined) {
    return [el('code', { class: 'command', title: first.command }, first.command)]
  }
  return [first?.kind ?? '', el('span', { class: 'quiet' }, ` ${byteCount(row.bytes)}`)]
}

/** @param {SessionRow} row */
function decisions(row) {
  if (row.commands === 0) return [el('span', { class: 'quiet' }, 'none')]
  const chips = [el('span', { class: 'quiet' }, counted(row.commands, 'command'))]
  if (row.denied > 0) chips.push(chip('deny', `${row.denied} denied`))
  return chips
}

/** @param {SessionRow} row */
function result(row) {
  const chips = [statusChip(row), exitChip(row.firstChannel)].filter((each) => each !== undefined)
  return chips.length > 0 ? chips : [el('span', { class: 'quiet' }, row.status)]
}

/** @param {string | undefined} next */
function pager(next) {
  const links = []
  if (before !== null) links.push(el('a', { class: 'button', href: '/' }, 'Newest'))
  if (next !== undefined) {
    const query = new URLSearchParams({ before: next })
    links.push(el('a', { class: 'button', href: `/?${query}`, rel: 'next' }, 'Older'))
  }
  return el('nav', { class: 'pager', 'aria-label': 'Pages' }, ...links)
}

function emptyState() {
  if (before !== null) {
    return el(
      'div',
      { class: 'empty' },
      el('h2', {}, 'Nothing older'),
      el('p', {}, 'You have reached the first session that was recorded.'),
      el('p', {}, el('a', { class: 'button', href: '/' }, 'Newest')),
    )
  }
  return el(
    'div',
    { class: 'empty' },
    el('h2', {}, 'No sessions yet'),
    el(
      'p',
      {},
      'Each connection through the bastion appears here as soon as it opens a channel. Try one:',
    ),
    el('pre', {}, el('code', {}, 'ssh -J BASTION deploy@TARGET uptime')),
    el('p', {}, el('a', { class: 'button', href: '/' }, 'Look again')),
  )
}
