import { el } from './dom.js'

/** @typedef {{ keys: readonly string[], shown: string, words: string, run: () => void }} Shortcut */

/**
 * Listens for single keys anywhere on the page but where somebody writes, and explains them when `?` is pressed.
 *
 * @param {readonly Shortcut[]} shortcuts
 * @returns {HTMLElement} a button that explains them too
 */
export function listenForKeys(shortcuts) {
  const rows = shortcuts.map(({ shown, words }) =>
    el('div', {}, el('dt', {}, el('kbd', {}, shown)), el('dd', {}, words)),
  )
  const close = el('button', { type: 'button' }, 'Close')
  const dialog = el(
    'dialog',
    { class: 'dialog', 'aria-labelledby': 'keys-title' },
    el('h2', { id: 'keys-title' }, 'Keyboard'),
    el(
      'dl',
      { class: 'keys' },
      ...rows,
      el('div', {}, el('dt', {}, el('kbd', {}, '?')), el('dd', {}, 'this help')),
    ),
    close,
  )
  close.addEventListener('click', () => dialog.close())
  document.body.append(dialog)
  const runs = new Map(shortcuts.flatMap(({ keys, run }) => keys.map((key) => [key, run])))
  const help = () => (dialog.open ? dialog.close() : dialog.showModal())

  // Before the player, which has other meanings for some of these keys.
  document.addEventListener(
    'keydown',
    (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey || isWritten(event.target)) return
      if (event.key === '?') help()
      else if (document.querySelector('dialog[open]') !== null) return
      else if (isPressed(event)) return
      else {
        const run = runs.get(event.key)
        if (run === undefined) return
        run()
      }
      event.preventDefault()
      event.stopPropagation()
    },
    { capture: true },
  )
  const button = el('button', { type: 'button', class: 'help', title: 'Keyboard (?)' }, '?')
  button.setAttribute('aria-label', 'Keyboard shortcuts')
  button.addEventListener('click', help)
  return button
}

/** @param {EventTarget | null} target */
function isWritten(target) {
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement) return target.type !== 'checkbox'
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
}

/**
 * True for the keys that press, or walk through, what has the focus.
 *
 * @param {KeyboardEvent} event
 */
function isPressed({ key, target }) {
  if (!(target instanceof HTMLElement)) return false
  if (target.getAttribute('role') === 'tab') return key === ' ' || key.startsWith('Arrow')
  return key === ' ' && target.matches('button, a, summary, input')
}
