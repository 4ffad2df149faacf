import { el } from './dom.js'

/** @import { Piece } from './api-types' */

/**
 * Returns the argv lists that would run: a list of commands, each a list of words in boxes.
 *
 * @param {readonly (readonly (readonly Piece[])[])[]} argv
 */
export function wordBoxes(argv) {
  const commands = argv.map((words) =>
    el('li', {}, el('ol', { class: 'words', 'aria-label': 'Words' }, ...words.map(wordBox))),
  )
  return el('ol', { class: 'commands', 'aria-label': 'Commands that would run' }, ...commands)
}

/**
 * Returns a text with its lines numbered.
 *
 * @param {readonly (readonly Piece[])[]} lines
 */
export function numberedLines(lines) {
  const rows = lines.map((pieces) => el('li', {}, el('code', {}, ...pieces.map(piece))))
  return el('ol', { class: 'lines', 'aria-label': 'Text that would be sent' }, ...rows)
}

/**
 * Returns the variables that the agent has set, each in a box.
 *
 * @param {readonly (readonly Piece[])[]} variables
 */
export function variableBoxes(variables) {
  const attributes = { class: 'words', 'aria-label': 'Variables of the session' }
  return el('ol', attributes, ...variables.map(wordBox))
}

/** @param {readonly Piece[]} pieces */
function wordBox(pieces) {
  if (pieces.length === 0) return el('li', { class: 'word' }, el('i', { class: 'quiet' }, 'empty'))
  return el('li', { class: 'word' }, el('code', {}, ...pieces.map(piece)))
}

/** @param {Piece} piece */
function piece({ kind, text, codes }) {
  if (kind === 'plain') return text
  if (kind === 'blank') return el('span', { class: 'blank' }, '␣'.repeat(text.length))
  return el('mark', { title: codes ?? '' }, text)
}
