import { getJson } from './api.js'
import { el } from './dom.js'
import { byteCount, clock } from './format.js'
import { chip } from './outcome.js'
import { tableOf } from './table.js'

/** @import { FilePage, FileRow } from './replay-types' */

/** Operations that neither bring content nor change anything. */
const LOOKS = new Set(['stat', 'list', 'readlink'])

/** What was done to files: each operation with its path, size and hash; refused ones stand out. */
export class FilesPanel {
  element = el('div', { class: 'files-panel' })
  #path
  #onPick
  #looks = el('input', { type: 'checkbox' })
  #table = el('div', {}, el('p', { class: 'quiet' }, 'Loading…'))
  /** @type {readonly FileRow[]} */
  #rows = []

  /** @param {{ path: string, onPick: (channel: number, seconds: number) => void }} options */
  constructor({ path, onPick }) {
    this.#path = path
    this.#onPick = onPick
    this.#looks.addEventListener('change', () => this.#draw())
    const looks = el('label', { class: 'check' }, this.#looks, 'Also what was only looked at')
    this.element.append(el('div', { class: 'panel-tools' }, looks), this.#table)
  }

  async load() {
    const page = /** @type {FilePage} */ (await getJson(`${this.#path}/files`))
    this.#rows = page.files
    this.#draw()
    if (page.pending) this.#say('A large recording is still being gone through; look again soon.')
    if (page.more) this.#say('Only the files of the first 50 channels are listed.')
  }

  #draw() {
    const rows = this.#rows.filter(
      (row) => this.#looks.checked || !LOOKS.has(row.op) || !row.allowed,
    )
    if (rows.length === 0) {
      const words = this.#rows.length === 0 ? 'No file was touched by' : 'No file was changed by'
      this.#table.replaceChildren(el('p', { class: 'quiet' }, `${words} sftp, scp, rsync or git.`))
      return
    }
    const names = ['At', 'How', 'What', 'Path', 'Size', 'SHA-256', 'Decision']
    this.#table.replaceChildren(
      tableOf(
        'File operations',
        names,
        rows.map((row) => this.#cells(row)),
      ),
    )
  }

  /** @param {FileRow} row */
  #cells(row) {
    const at = el('button', { type: 'button', class: 'line-time' }, clock(row.time))
    at.setAttribute('aria-label', `Go to ${clock(row.time)} of channel ${row.channel}`)
    at.addEventListener('click', () => this.#onPick(row.channel, row.time))
    const path = el('code', {}, row.path)
    const to = row.to === undefined ? [] : [' → ', el('code', {}, row.to)]
    const size = row.bytes === undefined ? '' : byteCount(row.bytes)
    const whole = row.ofStream ? ' of the whole stream' : ''
    const hash = row.sha256 ?? ''
    const digest = el('code', { class: 'hash', title: `${hash}${whole}` }, hash)
    const decision = row.allowed
      ? [el('span', { class: 'quiet' }, row.rule)]
      : [chip('deny', 'refused'), ` ${row.rule}`, ...(row.message ? [`: ${row.message}`] : [])]
    return {
      class: row.allowed ? '' : 'refused',
      cells: [[at], [row.via], [row.op], [path, ...to], [size, whole], [digest], decision],
    }
  }

  /** @param {string} text */
  #say(text) {
    this.#table.append(el('p', { class: 'quiet' }, text))
  }
}
