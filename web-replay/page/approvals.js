import { getJson } from './api.js'
import { byId, el } from './dom.js'
import { counted } from './format.js'
import { listen } from './live.js'
import { notifyOf, offerNotifications } from './notify.js'
import { showGrants } from './grants.js'
import { HeldCard } from './held-card.js'

/** @import { HeldPage, HeldRow } from './api-types' */

/** @type {Map<string, HeldCard>} */
const cards = new Map()
const wanted = location.pathname.split('/')[2]
let csrfToken = ''
let ahead = 0
let isLoading = false
let isStale = false
/** What waited before the page was opened needs no notification. */
let hasShown = false

start().catch(fail)

async function start() {
  csrfToken = /** @type {{ csrfToken: string }} */ (await getJson('/api/me')).csrfToken
  offerNotifications(byId('live'))
  await load()
  if (wanted !== undefined) await showWanted(wanted).catch(sayMissing)
  listen('/api/approvals/events', () => void load().catch(fail))
  setInterval(() => cards.forEach((card) => card.tick(Date.now() + ahead)), 500)
}

/** One load at a time; what changes meanwhile is loaded after it. */
async function load() {
  isStale = true
  if (isLoading) return
  isLoading = true
  try {
    while (isStale) {
      isStale = false
      const page = /** @type {HeldPage} */ (await getJson('/api/approvals'))
      ahead = page.now - Date.now()
      await show(page)
      await showGrants(byId('grants'), csrfToken)
    }
    byId('trouble').replaceChildren()
  } finally {
    isLoading = false
  }
}

/** @param {HeldPage} page */
async function show({ rows, total }) {
  const waiting = new Set(rows.map(({ ticket }) => ticket))
  for (const row of rows) place(row)
  hasShown = true
  for (const [ticket, card] of cards) if (!waiting.has(ticket) && !card.isOver) await look(ticket)
  document.title = `${total > 0 ? `(${total}) ` : ''}Approvals · Sallyport`
  const more = total > rows.length ? `, the first ${rows.length} are shown` : ''
  byId('count').textContent = total === 0 ? '' : `${counted(total, 'command')} waiting${more}`
  arrange()
}

/** @param {HeldRow} row */
function place(row) {
  const known = cards.get(row.ticket)
  if (known !== undefined) {
    known.update(row)
    return
  }
  const card = new HeldCard(row, csrfToken)
  card.tick(Date.now() + ahead)
  cards.set(row.ticket, card)
  if (hasShown && row.state === 'pending') notifyOf(row)
  if (cards.size === 1) byId('held').replaceChildren()
  byId('held').append(card.element)
}

/** @param {string} ticket */
async function look(ticket) {
  const path = `/api/approvals/${encodeURIComponent(ticket)}`
  const { row } = /** @type {{ row: HeldRow }} */ (await getJson(path))
  place(row)
}

/** @param {string} ticket */
async function showWanted(ticket) {
  if (!cards.has(ticket)) await look(ticket)
  arrange()
  const element = cards.get(ticket)?.element
  element?.classList.add('is-wanted')
  element?.scrollIntoView()
}

/**
 * What a link named may be gone, or not for this person to see; whatever else waits is still theirs.
 *
 * @param {Error} error
 */
function sayMissing(error) {
  byId('held').before(el('p', { class: 'notice', role: 'status' }, error.message))
}

/** Says so when nothing waits, and offers to clear away what is over. */
function arrange() {
  if (cards.size === 0) byId('held').replaceChildren(emptyState())
  const over = [...cards].filter(([, card]) => card.isOver)
  document.getElementById('clear')?.remove()
  if (over.length === 0) return
  const button = el('button', { type: 'button', id: 'clear' }, `Clear ${over.length} ended`)
  button.addEventListener('click', () => {
    for (const [ticket, card] of over) {
      card.element.remove()
      cards.delete(ticket)
    }
    arrange()
  })
  byId('held').append(button)
}

function emptyState() {
  return el(
    'div',
    { class: 'empty' },
    el('h2', {}, 'Nothing waits'),
    el('p', {}, 'A command that a rule holds appears here by itself, as soon as it is asked for.'),
  )
}

/** @param {Error} error */
function fail(error) {
  byId('trouble').replaceChildren(
    el('p', { class: 'notice notice-deny', role: 'alert' }, error.message),
  )
}
