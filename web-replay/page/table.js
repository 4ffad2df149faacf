import { el } from './dom.js'

/** @typedef {{ class: string, cells: readonly (readonly (Node | string)[])[] }} Row */

/**
 * Returns a table that becomes a list of cards where it has no room. Roles are spelled out, since the styles that do so
 * take them away.
 *
 * @param {string} caption
 * @param {readonly string[]} names
 * @param {readonly Row[]} rows
 */
export function tableOf(caption, names, rows) {
  const head = names.map((name) => el('th', { scope: 'col', role: 'columnheader' }, name))
  const body = rows.map((row) =>
    el(
      'tr',
      { role: 'row', class: row.class },
      ...row.cells.map((content, index) =>
        el('td', { role: 'cell', 'data-name': names[index] ?? '' }, ...content),
      ),
    ),
  )
  return el(
    'table',
    { class: 'rows', role: 'table' },
    el('caption', { class: 'unseen' }, caption),
    el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' }, ...head)),
    el('tbody', { role: 'rowgroup' }, ...body),
  )
}
