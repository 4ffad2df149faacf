import { el } from './dom.js'

/** @import { SessionRow } from './api-types' */

/** Kept while the browser's tab is open, so that the two can be on different pages of the list. */
const KEY = 'sallyport.compare'

/** @typedef {{ readonly id: string, readonly name: string }} Pick */

/**
 * Goes to the list with one session chosen.
 *
 * @param {SessionRow} row
 */
export function chooseAnother({ id, login, target }) {
  sessionStorage.setItem(KEY, JSON.stringify([{ id, name: `${login}@${target}` }]))
  location.assign('/')
}

/**
 * Returns what two sessions are chosen with: a box for each row, and a line that says what was chosen and leads on.
 *
 * @returns {{ readonly element: HTMLElement, box(row: SessionRow): HTMLElement }}
 */
export function comparePicks() {
  let picked = kept()
  /** @type {Map<string, HTMLInputElement>} */
  const boxes = new Map()
  const words = el('span', { role: 'status' })
  const open = el('a', { class: 'button' }, 'Compare side by side')
  const clear = el('button', { type: 'button' }, 'Clear')
  const element = el('div', { class: 'picks' }, words, open, clear)
  clear.addEventListener('click', () => keep([]))

  /** @param {readonly Pick[]} next */
  function keep(next) {
    picked = next
    sessionStorage.setItem(KEY, JSON.stringify(next))
    draw()
  }

  function draw() {
    const [a, b] = picked
    element.hidden = a === undefined
    open.hidden = b === undefined
    for (const [id, box] of boxes) box.checked = picked.some((each) => each.id === id)
    if (a === undefined) return
    if (b === undefined) {
      words.textContent = `${a.name} is chosen. Choose another session to compare it with.`
      return
    }
    words.textContent = `${a.name} and ${b.name}`
    open.href = `/sessions/compare?${new URLSearchParams({ a: a.id, b: b.id })}`
  }

  draw()
  return {
    element,
    box(row) {
      const name = `${row.login}@${row.target}`
      const box = el('input', { type: 'checkbox', 'aria-label': `Compare ${name}` })
      boxes.set(row.id, box)
      box.checked = picked.some(({ id }) => id === row.id)
      box.addEventListener('change', () => {
        const others = picked.filter(({ id }) => id !== row.id)
        // Of three the first gives way.
        keep(box.checked ? [...others.slice(-1), { id: row.id, name }] : others)
      })
      return el('label', { class: 'pick', title: 'Compare with another session' }, box)
    },
  }
}

/** @returns {readonly Pick[]} */
function kept() {
  try {
    const value = JSON.parse(sessionStorage.getItem(KEY) ?? '[]')
    if (!Array.isArray(value)) return []
    return value
      .filter(({ id, name }) => typeof id === 'string' && typeof name === 'string')
      .slice(0, 2)
  } catch {
    return []
  }
}
