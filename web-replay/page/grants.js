import { getJson, postJson } from './api.js'
import { el } from './dom.js'
import { timeElement } from './format.js'

/** @import { GrantRow } from './api-types' */

/**
 * Shows what is granted for a time, each with a button that takes it back.
 *
 * @param {HTMLElement} place
 * @param {string} csrfToken
 */
export async function showGrants(place, csrfToken) {
  const { rows } = /** @type {{ rows: readonly GrantRow[] }} */ (await getJson('/api/grants'))
  if (rows.length === 0) {
    place.replaceChildren()
    return
  }
  const items = rows.map((row) => grantItem(row, csrfToken))
  place.replaceChildren(el('h2', {}, 'Granted for a time'), el('ul', { class: 'grants' }, ...items))
}

/**
 * @param {GrantRow} row
 * @param {string} csrfToken
 */
function grantItem(row, csrfToken) {
  const button = el('button', { type: 'button', class: 'refuse' }, 'Take back')
  const trouble = el('span', { role: 'status' })
  button.addEventListener('click', () => {
    button.disabled = true
    const path = `/api/grants/${encodeURIComponent(row.id)}/revoke`
    postJson(path, { csrfToken }).then(
      () => (trouble.textContent = 'Taken back.'),
      (/** @type {Error & { signIn?: string }} */ error) => {
        button.disabled = false
        trouble.replaceChildren(error.message)
        if (error.signIn === undefined) return
        trouble.append(' ', el('a', { class: 'button', href: error.signIn }, 'Sign in again'))
      },
    )
  })
  return el(
    'li',
    {},
    el('span', {}, `${row.identity} at ${row.login}@${row.target}, rule ${row.rule}, until `),
    timeElement(row.until),
    el('span', { class: 'quiet' }, ` by ${row.by.join(', ')} `),
    button,
    trouble,
  )
}
