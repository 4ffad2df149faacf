import { el } from './dom.js'

/**
 * Returns the query that restores a moment.
 *
 * @param {number} channel
 * @param {number} seconds
 */
export function momentQuery(channel, seconds) {
  return `?channel=${channel}&t=${Math.max(0, seconds).toFixed(1)}`
}

/**
 * Returns a button that copies the address of what is shown now.
 *
 * @param {() => string} moment
 */
export function linkButton(moment) {
  const button = el('button', { type: 'button' }, 'Copy link')
  button.title = 'A link to this very moment'
  button.addEventListener('click', () => {
    const link = moment()
    history.replaceState(null, '', link)
    navigator.clipboard.writeText(link).then(
      () => {
        button.textContent = 'Copied'
        setTimeout(() => {
          button.textContent = 'Copy link'
        }, 1500)
      },
      () => {
        button.textContent = 'The link is in the address bar'
      },
    )
  })
  return button
}
