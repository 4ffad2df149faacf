import { getJson } from './api.js'
import { el } from './dom.js'
import { clock, counted, timeElement } from './format.js'
import { chip, statusChip } from './outcome.js'

/** @import { HitGroup, HitPage, SearchHit } from './api-types' */

/** @typedef {'commands' | 'output'} Place */

/** @type {Readonly<Record<Place, string>>} */
const HEADINGS = { commands: 'In commands', output: 'In output' }

/**
 * Returns a section with what was found in one place; the button at its end brings older hits.
 *
 * @param {Place} place
 * @param {URLSearchParams} query
 * @returns {Promise<{ element: HTMLElement, count: number, waiting: number }>}
 */
export async function hitSection(place, query) {
  const list = el('ol', { class: 'hit-groups' })
  const heading = el('h2', { id: `hits-${place}` }, HEADINGS[place])
  const element = el('section', { class: 'hits', 'aria-labelledby': heading.id }, heading)
  /** @type {HitPage} */
  let page
  try {
    page = await hits(place, query, undefined)
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    element.append(el('p', { class: 'quiet' }, words))
    return { element, count: 0, waiting: 0 }
  }
  const older = el('button', { type: 'button' }, 'Older hits')
  const trouble = el('p', { class: 'notice notice-deny', role: 'alert' })
  trouble.hidden = true
  older.addEventListener('click', () => void more())
  show(page)
  element.append(page.groups.length === 0 ? nothing(page) : list, trouble, older)
  return { element, count: page.groups.length, waiting: page.waiting }

  /** @param {HitPage} next */
  function show(next) {
    page = next
    list.append(...next.groups.map(groupItem))
    older.hidden = next.next === undefined
  }

  async function more() {
    older.disabled = true
    trouble.hidden = true
    const known = list.children.length
    try {
      show(await hits(place, query, page.next))
      if (known === 0) element.insertBefore(list, trouble)
      list.children.item(known)?.querySelector('a')?.focus()
    } catch (error) {
      trouble.textContent = error instanceof Error ? error.message : String(error)
      trouble.hidden = false
    }
    older.disabled = false
  }
}

/** @param {HitPage} page */
function nothing(page) {
  const words = page.next === undefined ? 'Nothing.' : 'Nothing among the newest hits.'
  return el('p', { class: 'quiet' }, words)
}

/**
 * @param {Place} place
 * @param {URLSearchParams} query
 * @param {string | undefined} before
 * @returns {Promise<HitPage>}
 */
function hits(place, query, before) {
  const asked = new URLSearchParams(query)
  asked.set('in', place)
  asked.delete('before')
  if (before !== undefined) asked.set('before', before)
  return getJson(`/api/search?${asked}`)
}

/** @param {HitGroup} group */
function groupItem({ recording, hits: found, more }) {
  const path = `/sessions/${encodeURIComponent(recording.id)}`
  const status = statusChip(recording)
  const title = el(
    'p',
    { class: 'hit-session' },
    el('a', { href: path }, timeElement(recording.startedAt)),
    el('span', { class: 'hit-who' }, recording.identity),
    el('span', {}, recording.login, el('span', { class: 'at' }, '@'), recording.target),
    ...(status === undefined ? [] : [status]),
  )
  const item = el('li', {}, title, el('ol', {}, ...found.map((hit) => hitItem(path, hit))))
  if (more > 0) item.append(el('p', { class: 'quiet' }, `and ${counted(more, 'more hit')} in it`))
  return item
}

/**
 * @param {string} path
 * @param {SearchHit} hit
 */
function hitItem(path, { channel, offset, pieces, effect, judged }) {
  const query = new URLSearchParams({ channel: String(channel), t: String(offset) })
  const text = pieces.map((piece) => (piece.hit ? el('mark', {}, piece.text) : piece.text))
  const link = el(
    'a',
    { class: 'hit', href: `${path}?${query}` },
    el('span', { class: 'hit-time' }, clock(offset)),
    el('code', {}, ...text),
  )
  if (effect === 'deny') link.append(chip('deny', 'denied'))
  else if (judged === false) link.append(chip('warn', 'not judged'))
  return el('li', {}, link)
}
