import { postJson } from './api.js'
import { el } from './dom.js'

/**
 * Returns a button that ends a running session, once a reason was given for it.
 *
 * @param {{ path: string, csrfToken: string }} options
 */
export function endButton({ path, csrfToken }) {
  const button = el('button', { type: 'button', class: 'end' }, 'End session…')
  const reason = el('input', { type: 'text', id: 'end-reason', maxlength: '300', required: '' })
  reason.autocomplete = 'off'
  const outcome = el('p', { class: 'outcome', role: 'status' })
  const send = el('button', { type: 'submit', class: 'end' }, 'End it now')
  const cancel = el('button', { type: 'button' }, 'Cancel')
  const form = el(
    'form',
    { method: 'dialog' },
    el('h2', { id: 'end-title' }, 'End this session?'),
    el(
      'p',
      {},
      'What runs in it is stopped at once. The agent is told that a reviewer ended it, and why:',
    ),
    el('label', { for: 'end-reason' }, 'Reason, for the agent and the audit log'),
    reason,
    outcome,
    el('div', { class: 'buttons' }, send, cancel),
  )
  const dialog = el('dialog', { class: 'dialog', 'aria-labelledby': 'end-title' }, form)
  button.addEventListener('click', () => dialog.showModal())
  cancel.addEventListener('click', () => dialog.close())
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void end()
  })

  async function end() {
    send.disabled = true
    outcome.textContent = 'Sending…'
    try {
      await postJson(`${path}/end`, { reason: reason.value, csrfToken })
      dialog.close()
      button.disabled = true
      button.textContent = 'Ending…'
    } catch (error) {
      outcome.textContent = error instanceof Error ? error.message : String(error)
    }
    send.disabled = false
  }

  return el('span', {}, button, dialog)
}
