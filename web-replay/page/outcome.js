import { el } from './dom.js'

/** @import { FirstChannel, SessionRow } from './api-types' */

/**
 * Returns how a channel ended, or undefined while nobody knows.
 *
 * @param {Pick<FirstChannel, 'exitStatus' | 'exitSignal'> | undefined} channel
 * @returns {HTMLElement | undefined}
 */
export function exitChip(channel) {
  if (channel?.exitSignal !== undefined) return chip('warn', `signal ${channel.exitSignal}`)
  if (channel?.exitStatus === undefined) return undefined
  return chip(channel.exitStatus === 0 ? 'plain' : 'warn', `exit ${channel.exitStatus}`)
}

/**
 * Returns the state of a session, or undefined when it simply ended.
 *
 * @param {SessionRow} row
 * @returns {HTMLElement | undefined}
 */
export function statusChip(row) {
  switch (row.status) {
    case 'running':
      return chip('live', 'running')
    case 'interrupted':
      return chip('warn', 'interrupted')
    case 'failed':
      return chip('deny', 'failed')
    case 'ended':
      return undefined
  }
}

/**
 * @param {'plain' | 'allow' | 'deny' | 'warn' | 'live'} kind
 * @param {string} text
 */
export function chip(kind, text) {
  return el('span', { class: `chip chip-${kind}` }, text)
}
