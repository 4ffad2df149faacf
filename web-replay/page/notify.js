import { el } from './dom.js'

/** @import { HeldRow } from './api-types' */

/**
 * Puts a button after `place` that asks for leave to notify, where nobody has decided on that yet.
 *
 * @param {HTMLElement} place
 */
export function offerNotifications(place) {
  if (!('Notification' in window) || Notification.permission !== 'default') return
  const button = el('button', { type: 'button', class: 'notify' }, 'Notify me')
  button.title = 'Show a notification on this desktop when a command waits'
  button.addEventListener('click', () => {
    void Notification.requestPermission().then(() => button.remove())
  })
  place.after(button)
}

/**
 * Tells of a command that waits, when nobody looks at the page. The command itself stays on the page: a notification
 * may be read on a locked screen.
 *
 * @param {HeldRow} row
 */
export function notifyOf(row) {
  if (!('Notification' in window) || Notification.permission !== 'granted' || !document.hidden)
    return
  const body = `${row.identity} asks at ${row.login}@${row.target}, rule ${row.rule}`
  const notification = new Notification('A command waits for approval', { body, tag: row.ticket })
  notification.addEventListener('click', () => {
    window.focus()
    notification.close()
  })
}
