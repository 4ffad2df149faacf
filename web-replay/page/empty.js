import { el } from './dom.js'
import { counted } from './format.js'
import { filterChips, filtersIn, pathOf } from './filters.js'

/**
 * Returns what stands in place of a list without sessions, and says what may help.
 *
 * @param {URLSearchParams} query
 */
export function emptyList(query) {
  if (filtersIn(query).length > 0) {
    return box(
      'No session passes these filters',
      el('p', {}, 'Take one away, or all of them:'),
      filterChips(query),
      el('p', {}, el('a', { class: 'button', href: '/' }, 'All sessions')),
    )
  }
  if (query.has('before')) {
    return box(
      'Nothing older',
      el('p', {}, 'You have reached the first session that was recorded.'),
      el('p', {}, el('a', { class: 'button', href: '/' }, 'Newest')),
    )
  }
  return box(
    'No sessions yet',
    el(
      'p',
      {},
      'Each connection through the bastion appears here as soon as it opens a channel. Try one:',
    ),
    el('pre', {}, el('code', {}, 'ssh -J BASTION deploy@TARGET uptime')),
    el('p', {}, el('a', { class: 'button', href: '/' }, 'Look again')),
  )
}

/**
 * Returns what stands in place of hits.
 *
 * @param {URLSearchParams} query
 * @param {number} waiting
 */
export function emptySearch(query, waiting) {
  const all = new URLSearchParams({ q: query.get('q') ?? '' })
  const parts = [
    el(
      'p',
      {},
      'Commands are found by any part of them, of three characters or more. Output is found by ' +
        'whole words in any order; "words in quotes" stand one after the other, and deploy* is the beginning of a word.',
    ),
  ]
  if (waiting > 0) {
    parts.push(
      el(
        'p',
        {},
        `${counted(waiting, 'finished session')} cannot be searched yet; look again soon.`,
      ),
    )
  }
  if (filtersIn(query).length > 0) {
    parts.push(el('p', {}, el('a', { class: 'button', href: pathOf(all) }, 'Without filters')))
  }
  return box('Nothing found', ...parts)
}

/**
 * @param {string} title
 * @param {readonly Node[]} children
 */
function box(title, ...children) {
  return el('div', { class: 'empty' }, el('h2', {}, title), ...children)
}
