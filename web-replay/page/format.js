import { el } from './dom.js'

/** @type {Intl.DateTimeFormatOptions} */
const PARTS = {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
}
const OF_THIS_YEAR = new Intl.DateTimeFormat(undefined, PARTS)
const OF_ANY_YEAR = new Intl.DateTimeFormat(undefined, { ...PARTS, year: 'numeric' })

/**
 * Returns a time element: local on the page, UTC on hover and for machines.
 *
 * @param {number} milliseconds
 */
export function timeElement(milliseconds) {
  const date = new Date(milliseconds)
  const isThisYear = date.getFullYear() === new Date().getFullYear()
  const local = isThisYear ? OF_THIS_YEAR : OF_ANY_YEAR
  const iso = date.toISOString()
  const utc = `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`
  return el('time', { datetime: iso, title: utc }, local.format(date))
}

/**
 * Returns a length of time in words short enough for a table.
 *
 * @param {number} milliseconds
 */
export function duration(milliseconds) {
  const seconds = Math.max(0, milliseconds) / 1000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 60) return `${Math.floor(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} m ${two(Math.floor(seconds % 60))} s`
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} m`
}

/**
 * Returns an offset as a player shows it: 1:02:03, 4:05.
 *
 * @param {number} seconds
 */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds))
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`
}

/** @param {number} count */
export function byteCount(count) {
  if (count < 1000) return `${count} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  let value = count
  let unit = 'B'
  for (const next of units) {
    if (value < 1000) break
    value /= 1000
    unit = next
  }
  return `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`
}

/**
 * @param {number} count
 * @param {string} noun
 */
export function counted(count, noun) {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** @param {number} value */
function two(value) {
  return String(value).padStart(2, '0')
}
