import { getJson } from './api.js'
import { byId, el } from './dom.js'
import { emptyList, emptySearch } from './empty.js'
import { filterChips, filtersIn, findForm, pathOf } from './filters.js'
import { byteCount, counted, duration, timeElement } from './format.js'
import { hitSection } from './hits.js'
import { chip, exitChip, statusChip } from './outcome.js'
import { comparePicks } from './picks.js'

/** @import { SessionPage, SessionRow } from './api-types' */

const COLUMNS = ['Started', 'Identity', 'Target', 'Activity', 'Decisions', 'Result', 'Duration']
const PAGE_SIZE = 50

const query = new URLSearchParams(location.search)
const place = byId('sessions')
const picks = comparePicks()

byId('find').replaceChildren(findForm(query))
const shown = query.has('q') ? showHits() : showList()
shown.catch((/** @type {Error} */ error) => {
  place.replaceChildren(
    el('p', { class: 'notice notice-deny', role: 'alert' }, error.message),
    el('p', { class: 'pager' }, el('a', { class: 'button', href: '/' }, 'All sessions')),
  )
})
document.addEventListener('keydown', moveBetweenRows)

async function showList() {
  const asked = new URLSearchParams(query)
  asked.set('limit', String(PAGE_SIZE))
  const page = /** @type {SessionPage} */ (await getJson(`/api/sessions?${asked}`))
  const { rows, next, searchedTo } = page
  if (rows.length === 0 && next === undefined) {
    place.replaceChildren(emptyList(query))
    return
  }
  const running = rows.filter((row) => row.status === 'running').length
  byId('count').textContent =
    `${counted(rows.length, 'session')} on this page` + (running > 0 ? `, ${running} running` : '')
  place.replaceChildren(
    toolbar(),
    picks.element,
    ...(rows.length > 0 ? [table(rows)] : []),
    pager(next, searchedTo),
  )
}

async function showHits() {
  const sections = await Promise.all([hitSection('commands', query), hitSection('output', query)])
  const waiting = Math.max(...sections.map((section) => section.waiting))
  const count = sections.reduce((sum, section) => sum + section.count, 0)
  byId('count').textContent = count === 0 ? 'nothing found' : 'newest hits first'
  const without = new URLSearchParams(query)
  without.delete('q')
  const bar = el(
    'div',
    { class: 'toolbar' },
    filterChips(query),
    el('a', { class: 'button', href: pathOf(without) }, 'Back to the list'),
  )
  const elements = sections.map(({ element }) => element)
  place.replaceChildren(bar, ...(count === 0 ? [emptySearch(query, waiting)] : []), ...elements)
  if (count > 0 && waiting > 0) {
    const words = `${counted(waiting, 'finished session')} cannot be searched yet.`
    place.append(el('p', { class: 'quiet' }, words))
  }
}

/** What the list is limited to, and how to take it away. */
function toolbar() {
  /** @param {string} format */
  const path = (format) => {
    const asked = new URLSearchParams(filtersIn(query).map(([name, value]) => [name, value]))
    asked.set('format', format)
    return `/api/sessions.export?${asked}`
  }
  return el(
    'div',
    { class: 'toolbar' },
    filterChips(query),
    el(
      'p',
      { class: 'quiet exports' },
      'Export all: ',
      el('a', { href: path('csv'), download: '' }, 'CSV'),
      ' ',
      el('a', { href: path('jsonl'), download: '' }, 'JSON lines'),
    ),
  )
}

/** @param {KeyboardEvent} event */
function moveBetweenRows(event) {
  const step = { j: 1, k: -1 }[event.key]
  const isTyping = event.target instanceof HTMLElement && event.target.matches('input, select')
  if (step === undefined || isTyping || event.ctrlKey || event.metaKey || event.altKey) return
  const links = [...place.querySelectorAll('.started a, a.hit')]
  const at = links.findIndex((link) => link === document.activeElement)
  const next = links[at === -1 ? 0 : at + step]
  if (next instanceof HTMLElement) next.focus()
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
    cell('started', picks.box(row), link),
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
  return [first?.activity ?? '', el('span', { class: 'quiet' }, ` ${byteCount(row.bytes)}`)]
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

/**
 * @param {string | undefined} next
 * @param {number | undefined} searchedTo
 */
function pager(next, searchedTo) {
  const links = []
  if (query.has('before')) {
    const newest = new URLSearchParams(query)
    newest.delete('before')
    links.push(el('a', { class: 'button', href: pathOf(newest) }, 'Newest'))
  }
  if (next !== undefined) {
    const older = new URLSearchParams(query)
    older.set('before', next)
    const words = searchedTo === undefined ? 'Older' : 'Look further back'
    links.push(el('a', { class: 'button', href: pathOf(older), rel: 'next' }, words))
  }
  const nav = el('nav', { class: 'pager', 'aria-label': 'Pages' }, ...links)
  if (searchedTo !== undefined) {
    nav.prepend(el('p', { class: 'quiet' }, 'Looked back to ', timeElement(searchedTo), '.'))
  }
  return nav
}
